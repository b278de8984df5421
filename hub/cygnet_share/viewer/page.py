"""A page of the viewer around a body: who shared it, where one is, what one can do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from cygnet_share.viewer import text as readable
from cygnet_share.viewer.template import fill


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the page's own."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page says of a file; all of it is shown as text."""

    share: str
    """The title of the share."""
    owner: str
    """Empty where the page is of no share."""
    path: str
    """Of the file in the share; of a folder, with a slash at its end; empty for all."""
    version: str
    """Which version, e.g. `Version 12, 27 November 2026, 10:41`."""
    actions: Sequence[Link] = ()
    """Pages of the service, e.g. for a copy."""


EMPTY: Final = Markup("")


def page(frame: Frame, body: Markup, *, problem: str = "") -> bytes:
    """Give a page in UTF-8.

    Parameters
    ----------
    frame
        What is said of the file.
    body
        What `body.render` gave.
    problem
        Why the file is not shown, in whole sentences; shown above the body.
    """
    *folders, name = map(_readable, frame.path.split("/"))
    filled = fill(
        "page.html",
        name=name or (folders[-1] if folders else _readable(frame.share)),
        share=_readable(frame.share),
        owner=_readable(frame.owner),
        version=_readable(frame.version),
        folders=list(_folders(folders)),
        actions=frame.actions,
        body=body,
        problem=problem,
    )
    return filled.encode("utf-8", "replace")


def _folders(names: Sequence[str]) -> Iterator[Link]:
    """Give the folders above the file, with links relative to its page."""
    for depth, name in enumerate(names):
        up = len(names) - depth - 1
        yield Link(name, "../" * up or "./")


def _readable(text: str) -> str:
    """Give a name or a title as text that says what it seems to say."""
    return readable.unveil(readable.clean(text).replace("\n", " "))
