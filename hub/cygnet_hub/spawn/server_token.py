"""Ends a server's token with the server.

JupyterHub 6.1 does it while it remembers the token, which is until it is restarted: the
token of a server that another hub has started stays good for ever.
"""

from jupyterhub import orm


def note(base_url: str) -> str:
    """Return what JupyterHub notes of the token of a server.

    Parameters
    ----------
    base_url
        The server's path, with a slash at both ends.
    """
    return f"Server at {base_url}"


def end(db: orm.Session, user: orm.User, base_url: str) -> None:
    """End the tokens of a server that has ended, and what was noted to be one.

    Parameters
    ----------
    db
        The hub's.
    user
        The server's owner.
    base_url
        The server's path, with a slash at both ends.
    """
    for token in list(user.api_tokens):
        if token.note == note(base_url):
            db.delete(token)
    db.commit()
