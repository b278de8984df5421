"""What has changed in a file, as the body of a page and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

from cygnet_share import line_diff
from cygnet_share.line_diff import Line, Mark
from cygnet_share.notebook_diff import CellChange, Change
from cygnet_share.viewer import text as readable
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.file_diff import FileDiff, Form, compare
from cygnet_share.viewer.page import EMPTY
from cygnet_share.viewer.template import fill

SOURCE: Final = 20_000
"""How many characters of a cell are compared on a page, and answered as JSON."""

TEXT: Final = 1_000_000
"""How many characters of a text are compared on a page."""

CELLS: Final = 2_000
"""How many changed cells a page shows."""

_CONTEXT = 3
"""How many equal lines are shown next to a changed one."""

_SHOWN_LINES = 5_000
"""How many lines of a text are shown."""

_MARKUP = {
    Mark.ADDED: Markup("<ins>+ {}\n</ins>"),
    Mark.REMOVED: Markup("<del>− {}\n</del>"),  # noqa: RUF001 - A minus.
    Mark.SAME: Markup("  {}\n"),
}
_LEFT_OUT = Markup('<span class="dim">  … Not shown, {}lines: {}.\n</span>')


@dataclass(frozen=True, slots=True)
class _Block:
    """A cell as the template takes it, or a sentence about cells that are equal."""

    words: str
    kind: str = ""
    facts: Sequence[str] = ()
    lines: Markup = EMPTY


def as_json(before: bytes, after: Document) -> str:
    """Give what has changed as the service answers it."""
    found = compare(before, after)
    return json.dumps({"kind": found.form, "cells": [_json(it) for it in found.cells]})


def _json(change: CellChange) -> dict[str, object]:
    """Give a cell as the service answers it."""
    texts = [change.before, change.after]
    return {
        "kind": change.kind,
        "cell_type": change.cell_type,
        "number": change.number,
        "source_from": None if change.before is None else change.before[:SOURCE],
        "source_to": None if change.after is None else change.after[:SOURCE],
        "is_cut": any(len(it or "") > SOURCE for it in texts),
        "is_moved": change.is_moved,
        "is_output_changed": change.is_output_changed,
    }


def render(before: bytes, after: Document) -> Markup:
    """Give the body of the page of what has changed."""
    found = compare(before, after)
    changed = [it for it in found.cells if _is_changed(it)]
    notes = []
    if len(changed) > CELLS:
        notes = [f"Only the first {CELLS} of {len(changed)} changed cells are shown."]
    return fill(
        "comparison.html",
        summary=_summary(found, changed),
        notes=notes,
        blocks=list(_blocks(found, changed[:CELLS])),
    )


def _is_changed(change: CellChange) -> bool:
    """Check whether there is something to say of a cell."""
    return change.kind is not Change.SAME or change.is_output_changed


def _summary(found: FileDiff, changed: Sequence[CellChange]) -> str:
    """Say how much has changed."""
    if found.form is Form.BINARY:
        return "The two versions are no text, so their content is not compared here."
    if not changed:
        return "Nothing that is compared here has changed."
    if found.form is Form.TEXT:
        return ""
    kinds = [it.kind for it in changed]
    parts = [
        f"{kinds.count(it)} {it}"
        for it in (Change.CHANGED, Change.ADDED, Change.REMOVED, Change.MOVED)
        if it in kinds
    ]
    outputs = kinds.count(Change.SAME)
    if outputs:
        parts.append(f"{outputs} with another output")
    return f"Cells: {', '.join(parts)}."


def _blocks(found: FileDiff, changed: Sequence[CellChange]) -> Iterator[_Block]:
    """Give the changed cells, with a sentence for the equal ones between them."""
    sizes = sum(_count(it) for it in changed)
    most = line_diff.affordable(sizes)
    left = len(changed)
    for is_shown, group in groupby(found.cells, _is_changed):
        cells = list(group)
        if is_shown:
            yield from (_block(it, most) for it in cells[:left])
            left -= len(cells)
            if left <= 0:
                return
        else:
            yield _Block(_equal_words(cells))


def _count(change: CellChange) -> int:
    """Count the lines that are compared of a cell."""
    return sum(
        (it or "").count("\n", 0, TEXT) + 1 for it in (change.before, change.after)
    )


def _equal_words(cells: Sequence[CellChange]) -> str:
    """Say which cells have not changed."""
    first, last = cells[0], cells[-1]
    if first.cell_type == "text":
        return "The texts are equal."
    if first is last:
        return f"Cell {first.number} is the same."
    return f"Cells {first.number} to {last.number} are the same."


def _block(change: CellChange, most: int) -> _Block:
    """Show a cell."""
    facts = list(_facts(change))
    if change.kind in {Change.SAME, Change.MOVED}:
        return _Block(_name(change), _kind(change), facts)
    limit = TEXT if change.cell_type == "text" else SOURCE
    old, old_rest = _shown(change.before, limit)
    new, new_rest = _shown(change.after, limit)
    facts += [f"Older version: {old_rest}"] if old_rest else []
    facts += [f"Newer version: {new_rest}"] if new_rest else []
    if change.before is None or change.after is None:
        mark = Mark.ADDED if change.before is None else Mark.REMOVED
        lines: Sequence[Line] = [Line(mark, it) for it in (old or new).split("\n")]
    else:
        lines = line_diff.compare(old, new, most)
    if change.kind is Change.CHANGED and all(it.mark is Mark.SAME for it in lines):
        facts.append("No line that is shown here differs.")
        lines = []
    return _Block(_name(change), _kind(change), facts, _lines(lines))


def _shown(text: str | None, limit: int) -> tuple[str, str]:
    """Give what is shown of a text, and a sentence about the rest."""
    return readable.cut(readable.clean(text or ""), limit)


def _name(change: CellChange) -> str:
    """Name a cell."""
    if change.cell_type == "text":
        return ""
    of = " of the older version" if change.kind is Change.REMOVED else ""
    return f"Cell {change.number}{of}, {change.cell_type}"


def _kind(change: CellChange) -> str:
    """Say in a word what became of a cell."""
    return "output changed" if change.kind is Change.SAME else str(change.kind)


def _facts(change: CellChange) -> Iterator[str]:
    """Say what does not show in the lines."""
    if change.kind is Change.MOVED:
        yield "It stands elsewhere now; its text is the same."
    elif change.is_moved:
        yield "It stands elsewhere now."
    if change.is_output_changed and change.kind is not Change.SAME:
        yield "Its output is another one."
    if change.are_attachments_changed:
        yield "Its attached pictures are others."


def _lines(lines: Sequence[Line]) -> Markup:
    """Show lines; a long run of equal ones is shortened."""
    near = _near_changes(lines)
    written: list[str] = []
    left = _SHOWN_LINES
    for is_near, group in groupby(range(len(lines)), near.__getitem__):
        places = list(group)
        shown = places[:left] if is_near else []
        left -= len(shown)
        for place in shown:
            text = escape(readable.unveil(lines[place].text))
            written.append(_MARKUP[lines[place].mark].format(text))
        if len(shown) < len(places):
            kind = "" if is_near else "equal "
            written.append(_LEFT_OUT.format(kind, len(places) - len(shown)))
    return Markup("".join(written))  # noqa: S704 - Each line is escaped.


def _near_changes(lines: Sequence[Line]) -> Sequence[int]:
    """Say of each line whether it is changed, or stands near one that is."""
    near = bytearray(len(lines))
    for place, line in enumerate(lines):
        if line.mark is not Mark.SAME:
            first = max(place - _CONTEXT, 0)
            last = min(place + _CONTEXT + 1, len(lines))
            near[first:last] = b"\1" * (last - first)
    return near
