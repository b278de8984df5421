"""Whether a user can have another named server, and one of a certain name.

A decision without side effects. JupyterHub decides the same once more, in words of
its own, for calls of its REST API.
"""

import re
import unicodedata
from collections.abc import Collection

LONGEST = 30
"""What JupyterHub 6 takes as the name of a server."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def is_full(names: Collection[str], limit: int) -> bool:
    """Return whether a user has as many named servers as the settings allow.

    Parameters
    ----------
    names
        Those that there are; the default server, whose name is empty, counts not.
    limit
        The most.

    Returns
    -------
    bool
        True when no other can be added.
    """
    return len([it for it in names if it]) >= limit


def problem(name: str, names: Collection[str], limit: int) -> str:
    """Say why a server cannot be added.

    Parameters
    ----------
    limit
        The most named servers.

    Returns
    -------
    str
        Reason and remedy, as sentences; empty when it can be added.
    """
    if name in names:
        return f"You have a server “{name}” already. Choose another name."
    if limit == 0:
        return "This service gives everybody one server, without named ones."
    if is_full(names, limit):
        noun = "server" if limit == 1 else "servers"
        return (
            f"You have {limit} named {noun}, the most that this service gives. "
            "Delete one first."
        )
    if len(name) > LONGEST or not _NAME.fullmatch(name):
        taken = (
            f"A name has at most {LONGEST} small letters and digits, with single "
            "dashes between them, and begins with a letter"
        )
        proposal = proposed(name)
        return f"{taken}: for example “{proposal}”." if proposal else f"{taken}."
    return ""


def proposed(name: str) -> str:
    """Return the nearest name that can be.

    Returns
    -------
    str
        Empty where nothing of it can stay.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).lstrip("-0123456789")
    return words[:LONGEST].strip("-")
