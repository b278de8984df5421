"""Which lines of a text were added and which removed, in bounded time.

The algorithm is the greedy one of Myers, "An O(ND) Difference Algorithm and Its
Variations" (Algorithmica 1, 1986). It gives up after so many changes: then all lines
between the first and the last changed one count as removed and added.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_CHANGES = 300
"""How many changed lines are told apart from the equal ones between them."""

_STEPS = 2_000_000
"""How much work one comparison is worth, about a second."""


class Mark(StrEnum):
    """What became of a line."""

    SAME = " "
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either text."""

    mark: Mark
    text: str


def compare(before: str, after: str, max_changes: int = MAX_CHANGES) -> Sequence[Line]:
    """Give the lines of both texts in order.

    Parameters
    ----------
    before, after
        The texts.
    max_changes
        What `affordable` gave, where many texts are compared.

    Returns
    -------
    sequence of Line
        All of them: without the added ones they are `before`, without the removed
        ones `after`.
    """
    old, new = before.split("\n"), after.split("\n")
    most = min(max_changes, affordable(len(old) + len(new)))
    start = _equal(old, new)
    end = _equal(old[start:][::-1], new[start:][::-1])
    inner = old[start : len(old) - end], new[start : len(new) - end]
    found = list(_changed(*inner, most))
    return [*_same(old[:start]), *found, *_same(old[len(old) - end :])]


def affordable(lines: int) -> int:
    """Say how many changes may be looked for in so many lines, that of all texts."""
    return min(MAX_CHANGES, _STEPS // max(lines, 1))


def _same(lines: Sequence[str]) -> Iterator[Line]:
    """Mark lines that are in both."""
    return (Line(Mark.SAME, it) for it in lines)


def _equal(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the lines that are equal at the start."""
    most = min(len(one), len(other))
    return next((i for i in range(most) if one[i] != other[i]), most)


def _changed(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[Line]:
    """Compare what differs in its first and its last line."""
    numbers: dict[str, int] = {}
    short, other = (
        [numbers.setdefault(it, len(numbers)) for it in lines] for lines in (old, new)
    )
    trace = _trace(short, other, most)
    if trace is None:
        yield from (Line(Mark.REMOVED, it) for it in old)
        yield from (Line(Mark.ADDED, it) for it in new)
        return
    for mark, place in reversed(list(_walk(trace, len(old), len(new)))):
        yield Line(mark, (new if mark is Mark.ADDED else old)[place])


def _trace(
    old: Sequence[int], new: Sequence[int], most: int
) -> Sequence[Mapping[int, int]] | None:
    """Find how far one comes with each number of changes, or None if not through.

    Each step maps a diagonal, a place in `old` less one in `new`, to the farthest
    place in `old` on it before that step.
    """
    ends = {1: 0}
    trace: list[Mapping[int, int]] = []
    for count in range(most + 1):
        trace.append(dict(ends))
        for diagonal in range(-count, count + 1, 2):
            came = _from(ends, diagonal, count)
            place = ends[came] + (came < diagonal)
            other = place - diagonal
            while place < len(old) and other < len(new) and old[place] == new[other]:
                place, other = place + 1, other + 1
            ends[diagonal] = place
            if place >= len(old) and other >= len(new):
                return trace
    return None


def _from(ends: Mapping[int, int], diagonal: int, count: int) -> int:
    """Say from which diagonal one comes: by an added line, or by a removed one."""
    if diagonal == -count:
        return diagonal + 1
    is_added = diagonal != count and ends[diagonal - 1] < ends[diagonal + 1]
    return diagonal + 1 if is_added else diagonal - 1


def _walk(
    trace: Sequence[Mapping[int, int]], place: int, other: int
) -> Iterator[tuple[Mark, int]]:
    """Walk back from both ends, and give each line's mark and place."""
    for count in reversed(range(len(trace))):
        ends, diagonal = trace[count], place - other
        came = _from(ends, diagonal, count)
        start = ends[came]
        while place > start and other > start - came:
            place, other = place - 1, other - 1
            yield Mark.SAME, place
        if count:
            is_added = came > diagonal
            yield (Mark.ADDED, other - 1) if is_added else (Mark.REMOVED, place - 1)
        place, other = start, start - came
