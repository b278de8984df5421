"""Where the links of a document may lead: to files of its share, or to other sites.

Never to another page of our own host: a click there would be a request of the reader's.
"""

import posixpath
import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

PREFIX = "at-"
"""Stands before each id that a document chooses, so that none is one of the page's."""

_IGNORED = re.compile(r"^[\x00-\x20]+|[\t\n\r]+|[\x00-\x20]+$")
_SITES = frozenset({"http", "https"})


def resolve(address: str, path: str) -> str | None:
    """Give the address of a link.

    Parameters
    ----------
    address
        As the document has it.
    path
        The path of the document in its share.

    Returns
    -------
    str or None
        Relative to the page of the document, which stands at its path, for a file of
        the share; absolute for another site; None where the link must not be.
    """
    # As browsers read addresses: without such blanks, and with either slash.
    plain = _IGNORED.sub("", address).replace("\\", "/")
    try:
        parts = urlsplit(plain)
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return plain
    if parts.netloc and parts.scheme in _SITES | {""}:
        return urlunsplit(parts._replace(scheme=parts.scheme or "https"))
    if parts.scheme or parts.netloc:
        return None
    fragment = f"#{PREFIX}{parts.fragment}" if parts.fragment else ""
    if not parts.path:
        return fragment or None
    return _within(parts.path, path, fragment)


def is_elsewhere(address: str) -> bool:
    """Check whether a resolved address leads to another site."""
    return urlsplit(address).scheme in _SITES


def _within(target: str, path: str, fragment: str) -> str | None:
    """Give the address of another file of the share."""
    folder = posixpath.dirname(path)
    wanted = posixpath.normpath(posixpath.join(folder, unquote(target)))
    is_outside = wanted in {".", ".."} or wanted.startswith(("../", "/"))
    if is_outside or "\\" in wanted or "\0" in wanted:
        return None
    up = "../" * (folder.count("/") + 1) if folder else "./"
    return f"{up}{quote(wanted)}{fragment}"
