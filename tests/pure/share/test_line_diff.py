import time

import pytest
from cygnet_share.line_diff import Mark, affordable, compare
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = st.lists(st.sampled_from(["a", "b", "", "é"]), max_size=12).map("\n".join)


def marks(before: str, after: str, **bounds: int) -> list[str]:
    return [it.mark + it.text for it in compare(before, after, **bounds)]


def test_changed_line_is_one_removed_and_one_added() -> None:
    assert marks("a\nb\nc", "a\nx\nc") == [" a", "-b", "+x", " c"]
    assert marks("a", "a\n") == [" a", "+"]
    assert marks("", "") == [" "]


def test_line_that_is_in_both_is_found_between_changes() -> None:
    assert marks("1\nkept\n2", "3\nkept\n4") == ["-1", "+3", " kept", "-2", "+4"]


def test_many_changes_are_one_change() -> None:
    found = marks("1\nkept\n2", "3\nkept\n4", max_changes=1)

    assert found == ["-1", "-kept", "-2", "+3", "+kept", "+4"]


@settings(max_examples=60)
@given(TEXT, TEXT, st.integers(0, 30))
def test_each_text_is_its_lines(before: str, after: str, most: int) -> None:
    found = compare(before, after, most)

    old = "\n".join(it.text for it in found if it.mark is not Mark.ADDED)
    new = "\n".join(it.text for it in found if it.mark is not Mark.REMOVED)
    assert (old, new) == (before, after)


@settings(max_examples=60)
@given(TEXT, TEXT)
def test_no_more_lines_change_than_by_the_longest_common_part(
    before: str, after: str
) -> None:
    old, new = before.split("\n"), after.split("\n")
    found = [it for it in compare(before, after) if it.mark is not Mark.SAME]

    assert len(found) == len(old) + len(new) - 2 * longest_common(old, new)


def longest_common(old: list[str], new: list[str]) -> int:
    row = [0] * (len(new) + 1)
    for one in old:
        above = row
        row = [0]
        for i, other in enumerate(new):
            row.append(above[i] + 1 if one == other else max(above[i + 1], row[i]))
    return row[-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n" * 200_000, "x\n" + "\n" * 200_000 + "y"),
        ("\n".join("ab"[i % 2] for i in range(60_000)), "\n".join("aab" * 20_000)),
        ("\n".join(map(str, range(60_000))), "\n".join(map(str, range(60_000, 0, -1)))),
    ],
    ids=["empty lines", "few lines, often", "backwards"],
)
def test_hostile_text_takes_little_time(before: str, after: str) -> None:
    start = time.process_time()
    compare(before, after)

    # Without bounds each takes minutes.
    assert time.process_time() - start < 5


def test_work_is_shared_among_all_texts() -> None:
    assert affordable(1) > affordable(100_000) > affordable(10_000_000) == 0
