"""The list of shares, as the body of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from cygnet_share.viewer import when
from cygnet_share.viewer.page import plain
from cygnet_share.viewer.template import fill
from cygnet_share.viewer.text import size_words

SHOWN: Final = 500
"""How many shares each part of the list has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A share in the list."""

    id: int
    title: str
    owner: str
    is_mine: bool
    right: str
    """What the reader may do, or of an own share who may see it, in words."""

    head: int
    """The newest version; 0 before there is one."""

    files: int
    bytes: int
    changed_at: datetime | None
    """None before there is a version."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A share as the template takes it."""

    title: str
    owner: str
    right: str
    view: str
    """Empty before there is anything to see."""

    versions: str
    size: str
    when: Markup | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the list."""

    title: str
    empty: str
    """What is said where there is nothing in it."""

    has_owners: bool
    has_rights: bool
    rows: Sequence[_Row]
    rest: str = ""
    """A sentence about what is not shown."""


def body(items: Sequence[Item], *, several: bool) -> Markup:
    """Give the body of the page.

    Parameters
    ----------
    items
        The newest first.
    several
        Whether several people use the service.
    """
    others = _part(
        "Shared with me",
        "Nothing is shared with you yet. When another person shares a folder with you, "
        "it stands here, and you can read it without downloading or running anything.",
        [it for it in items if not it.is_mine],
        has_owners=True,
        has_rights=True,
    )
    mine = _part(
        "Shared by me" if several else "My folders with versions",
        "You share no folder yet. In JupyterLab, right-click a folder and choose Share."
        if several
        else "No folder keeps versions yet. In JupyterLab, right-click a folder and "
        "choose Keep versions.",
        [it for it in items if it.is_mine],
        has_owners=False,
        has_rights=several,
    )
    return fill("shares.html", parts=[others, mine] if several else [mine])


def _part(
    title: str, empty: str, items: Sequence[Item], *, has_owners: bool, has_rights: bool
) -> _Part:
    """Give a part of the list."""
    left = len(items) - SHOWN
    rest = f"{left} older ones are not shown." if left > 0 else ""
    rows = [_row(it) for it in items[:SHOWN]]
    return _Part(title, empty, has_owners, has_rights, rows, rest)


def _row(item: Item) -> _Row:
    """Give a share with links to its pages."""
    files = "1 file" if item.files == 1 else f"{item.files} files"
    return _Row(
        plain(item.title),
        plain(item.owner),
        item.right,
        f"./view/{item.id}/{item.head}/" if item.head else "",
        f"./versions/{item.id}",
        f"{size_words(item.bytes)} in {files}" if item.head else "empty",
        when.markup(item.changed_at) if item.changed_at else None,
    )
