"""What became of the files of a folder, as the body of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from cygnet_share.tree import Entry, File
from cygnet_share.tree_diff import PathChange
from cygnet_share.viewer.page import plain
from cygnet_share.viewer.template import fill
from cygnet_share.viewer.text import size_words


@dataclass(frozen=True, slots=True)
class _Row:
    """A path as the template takes it."""

    label: str
    href: str
    """Empty where it is a folder."""

    kind: str
    source: str
    """Where it was before; empty where it has not moved."""

    size: str


def body(changes: Sequence[PathChange]) -> Markup:
    """Give the body of the page."""
    return fill("changes.html", rows=[_row(it) for it in changes])


def _row(change: PathChange) -> _Row:
    """Give a path with a link to what has changed in it."""
    before, after = _size(change.before), _size(change.after)
    is_folder = not before and not after
    size = " → ".join(dict.fromkeys(filter(None, (before, after))))
    return _Row(
        plain(change.path) + "/" * is_folder,
        "" if is_folder else f"./{quote(change.path)}",
        change.kind,
        plain(change.from_path or ""),
        "empty folder" if is_folder else size,
    )


def _size(entry: Entry | None) -> str:
    """Write the size of a file."""
    return size_words(entry.size) if isinstance(entry, File) else ""
