"""The order in which workers take test files."""

from scripts.lanes.table import TABLE
from tests.support.order import longest_first

SECONDS = {"a": 3.0, "b": 10.0, "c": 6.0}


def ordered(items: list[str], groups: dict[str, str] | None = None) -> list[str]:
    """Order items named by their file and a number."""
    named = groups or {}
    return longest_first(
        items, lambda it: named.get(it, it[0]), lambda it: it[0], SECONDS
    )


def test_longest_file_comes_first_with_its_tests_in_order() -> None:
    assert ordered(["a2", "a1", "b1", "c1", "b2"]) == ["b1", "b2", "c1", "a2", "a1"]


def test_unknown_file_comes_before_all_others() -> None:
    assert ordered(["a1", "b1", "d1"]) == ["d1", "b1", "a1"]


def test_group_takes_the_share_of_its_tests() -> None:
    together = {"a1": "both", "c1": "both", "c2": "both"}

    assert ordered(["a1", "c1", "b1", "b2", "c2"], together) == [
        "b1",
        "b2",
        "a1",
        "c1",
        "c2",
    ]
    # Half of the tests of `b` are half of its time.
    assert ordered(["b1", "c1", "b2"], {"b1": "other"}) == ["c1", "b1", "b2"]


def test_files_of_equal_time_keep_their_order() -> None:
    assert ordered(["e1", "d1", "f1"]) == ["e1", "d1", "f1"]


def test_browser_has_the_machine_to_itself() -> None:
    stages = {it.name: it.stage for it in TABLE.lanes}

    assert [name for name, it in stages.items() if it == stages["browser"]] == [
        "browser"
    ]
    assert all(it.stage < stages["browser"] for it in TABLE.lanes[:4])
