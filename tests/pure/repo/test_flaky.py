"""The repetition that finds tests which do not always pass."""

from collections import Counter

import pytest

from scripts import flaky
from scripts.lanes.request import RequestError


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hub", (["hub"], 3)),
        ("hub -n 5 -k login", (["hub", "-k", "login"], 5)),
        ("hub -n7", (["hub"], 7)),
    ],
)
def test_rounds_are_taken_from_the_words(
    words: str, expected: tuple[list[str], int]
) -> None:
    assert flaky.words_and_rounds(words.split()) == expected


@pytest.mark.parametrize("words", ["", "-n 5", "hub -n", "hub -n 0", "hub -n many"])
def test_rounds_want_a_lane_and_a_number(words: str) -> None:
    with pytest.raises(RequestError):
        flaky.words_and_rounds(words.split())


def test_what_failed_is_reported_with_its_share() -> None:
    found = {
        "tests/a.py::b": Counter(failed=2, passed=1),
        "tests/a.py::c": Counter(passed=3),
        "tests/a.py::d": Counter(skipped=3),
    }

    assert flaky.report(found, 3) == [
        "tests/a.py::b failed in 2 of 3 rounds. Repeat it: make test ARGS=tests/a.py::b"
    ]
