"""A page around a body: who shared it, where one is, what one can do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from cygnet_share.viewer import text as readable
from cygnet_share.viewer.template import fill

LIST: Final = "Shares"
"""The heading of the list of shares."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the page's own."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says above its body; all of it is shown as text."""

    name: str
    """The heading."""
    title: str
    """Of the tab."""
    crumbs: Sequence[Link] = ()
    """The pages above this one, the highest first."""
    facts: str = ""
    """Whole sentences."""
    owner: str = ""
    """Who shared what is shown; empty where it is of no share."""
    actions: Sequence[Link] = ()
    """Pages of the service, e.g. the versions."""


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
    home: str = ""
    """The address of the list of shares; empty where there is none."""


EMPTY: Final = Markup("")
_PLACE: Final = "".join(readable.INSERTION)


def page(frame: Frame, body: Markup | bytes, *, problem: str = "") -> bytes:
    """Give the page of a file or a folder in UTF-8.

    Parameters
    ----------
    frame
        What is said of the file.
    body
        What `body.render` gave.
    problem
        Why the file is not shown, in whole sentences; shown above the body.
    """
    *folders, name = frame.path.split("/")
    shown = name or (folders[-1] if folders else frame.share)
    top = Link(frame.share, "../" * len(folders) or "./")
    crumbs = [top, *_folders(folders)] if frame.owner else []
    if frame.home:
        crumbs.insert(0, Link(LIST, frame.home))
    title = f"{shown} · {frame.share}"
    head = Head(shown, title, crumbs, frame.version, frame.owner, frame.actions)
    return around(head, body, problem=problem)


def around(head: Head, body: Markup | bytes, *, problem: str = "") -> bytes:
    """Give a page in UTF-8.

    Parameters
    ----------
    head
        What stands above the body.
    body
        A `main` element, also in UTF-8; nothing where there is a problem.
    problem
        Why there is nothing to see, in whole sentences.
    """
    filled = fill(
        "page.html",
        name=plain(head.name),
        title=plain(head.title),
        owner=plain(head.owner),
        facts=plain(head.facts),
        crumbs=[Link(plain(it.label), it.href) for it in head.crumbs],
        actions=head.actions,
        body=_PLACE,
        problem=problem,
    )
    # A large body is copied once.
    top, _, rest = filled.encode("utf-8", "replace").partition(_PLACE.encode())
    inner = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    return b"".join((top, inner, rest))


def _folders(names: Sequence[str]) -> Iterator[Link]:
    """Give the folders above the file, with links relative to its page."""
    for depth, name in enumerate(names):
        up = len(names) - depth - 1
        yield Link(name, "../" * up or "./")


def plain(text: str) -> str:
    """Give a name or a title as text that says what it seems to say."""
    return readable.unveil(readable.clean(text).replace("\n", " "))
