"""The timeline of a share, as the body of its page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from markupsafe import Markup

from cygnet_share.viewer import when
from cygnet_share.viewer.page import Link, plain
from cygnet_share.viewer.template import fill
from cygnet_share.viewer.text import size_words


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a share."""

    seq: int
    published_at: datetime
    by: str
    files: int
    bytes: int
    note: str
    name: str
    """What people call it; empty where it has no name."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A version as the template takes it."""

    seq: int
    name: str
    when: Markup
    by: str
    facts: str
    note: str
    view: str
    compare: Link | None


def body(share: int, versions: Sequence[Version], top: str, *, is_cut: bool) -> Markup:
    """Give the body of the page.

    Parameters
    ----------
    share
        The share's id.
    versions
        The newest first; the last one is not shown where the list is cut.
    top
        The address of the list of shares, relative to the page.
    is_cut
        Whether there are older ones.
    """
    rows = list(_rows(share, versions, top))
    if is_cut:
        rows.pop()
    older = f"{share}?before={rows[-1].seq}" if is_cut else ""
    return fill("versions.html", rows=rows, older=older)


def _rows(share: int, versions: Sequence[Version], top: str) -> Iterator[_Row]:
    """Give each version with links to its pages."""
    before = {one.seq: other.seq for one, other in pairwise(versions)}
    for it in versions:
        older = before.get(it.seq)
        compare = f"{top}compare/{share}/{older}/{it.seq}/"
        files = "1 file" if it.files == 1 else f"{it.files} files"
        yield _Row(
            it.seq,
            plain(it.name),
            when.markup(it.published_at),
            plain(it.by),
            f"{files}, {size_words(it.bytes)}",
            plain(it.note),
            f"{top}view/{share}/{it.seq}/",
            None if older is None else Link(f"Compare with version {older}", compare),
        )
