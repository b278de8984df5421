"""One-time links that log the owner in.

Only the link has its token: a folder holds a file that is named by the token's SHA-256
and says when the link expires. Removing that file is spending the link, and a file
system lets one remover succeed.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cygnet_hub import private_file

LIFETIME = timedelta(hours=1)
"""How long an unused link is good."""


def issue(links: Path, lifetime: timedelta = LIFETIME) -> str:
    """Make a link good for one login.

    Returns
    -------
    str
        The token, 256 bits, safe in a URL. It is stored nowhere.

    Raises
    ------
    DataDirectoryError
        When the data directory cannot be written.
    DiskFullError
        When there is no space.
    """
    folder = private_file.make_directory(links)
    now = datetime.now(UTC)
    for link in folder.iterdir():
        if not _is_good(link, now):
            link.unlink(missing_ok=True)
    token = secrets.token_urlsafe(32)
    private_file.write(_link(links, token), (now + lifetime).isoformat())
    return token


def consume(links: Path, token: str) -> bool:
    """Spend a link.

    Parameters
    ----------
    token
        What the visitor presented: any text.

    Returns
    -------
    bool
        True once for each token that was issued and has not expired.
    """
    link = _link(links, token)
    is_good = _is_good(link, datetime.now(UTC))
    try:
        link.unlink()
    except FileNotFoundError:
        return False
    return is_good


def url(port: int, token: str) -> str:
    """Return the link to a service of this machine.

    Parameters
    ----------
    port
        Where the service listens.
    token
        From `issue`.

    Returns
    -------
    str
        To be opened in a browser; a GET alone spends nothing.
    """
    return url_below(f"http://127.0.0.1:{port}/", token)


def url_below(service: str, token: str) -> str:
    """Return the address of the page that spends the link by a POST.

    Parameters
    ----------
    service
        The service's own address, with a slash at its end.
    token
        From `issue`.

    Returns
    -------
    str
        To be opened in a browser; a GET alone spends nothing.
    """
    return f"{service}hub/login-link?token={token}"


def _link(links: Path, token: str) -> Path:
    """Return the token's file: a hash, so a token never names a path."""
    digest = hashlib.sha256(token.encode(errors="replace")).hexdigest()
    return links / digest


def _is_good(link: Path, now: datetime) -> bool:
    """Return whether the link has not expired; one being written is good."""
    if link.name.startswith("."):
        return True
    try:
        return now < datetime.fromisoformat(link.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False


def tunnel(port: int, user: str, host: str, ssh_port: int) -> str:
    """Return the command that brings the service to the user's own machine.

    Parameters
    ----------
    port
        Where the service listens.
    host
        This machine's address as the user's SSH client reached it.

    Returns
    -------
    str
        For the shell of the user's own machine.
    """
    usual = 22
    option = "" if ssh_port == usual else f" -p {ssh_port}"
    return f"ssh -N{option} -L {port}:127.0.0.1:{port} {user}@{host}"
