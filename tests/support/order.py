"""The order in which pytest-xdist's workers take test files: longest first.

Each file is one group, so that its fixtures are made once. A file or test with an
`xdist_group` mark keeps the group of that mark.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest

GROUP = "xdist_group"
Item = TypeVar("Item")


def arrange(items: list[pytest.Item], seconds: Mapping[str, float]) -> None:
    """Give each item a group, and put the groups in order.

    Parameters
    ----------
    items
        What pytest collected; they are ordered in place.
    seconds
        How long files take, by path. A file that is not in it comes first: it may
        take long.
    """
    for item in items:
        if item.get_closest_marker(GROUP) is None:
            item.add_marker(pytest.mark.xdist_group(file(item)))
    items[:] = longest_first(items, group, file, seconds)


def longest_first(
    items: Sequence[Item],
    group: Callable[[Item], str],
    file: Callable[[Item], str],
    seconds: Mapping[str, float],
) -> list[Item]:
    """Order items by the time of their groups; within a group they keep theirs."""
    sizes = Counter(map(file, items))
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[group(item)].append(item)

    def time_of(members: list[Item]) -> float:
        # A mark may put some tests of a file in another group: each has its share.
        shares = (
            seconds.get(file(it), float("inf")) / sizes[file(it)] for it in members
        )
        return sum(shares)

    ordered = sorted(groups.values(), key=time_of, reverse=True)
    return [item for members in ordered for item in members]


def group(item: pytest.Item) -> str:
    """Give the name of an item's group as pytest-xdist reads it."""
    marks = item.iter_markers(GROUP)
    names = {str(it.args[0] if it.args else it.kwargs["name"]) for it in marks}
    return "_".join(sorted(names))


def file(item: pytest.Item) -> str:
    """Give the path of an item's file, relative to the project."""
    return item.nodeid.partition("::")[0]
