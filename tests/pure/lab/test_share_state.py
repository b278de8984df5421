from datetime import UTC, datetime

import pytest
from cygnet_lab.share import publisher
from cygnet_lab.share.place import free_place
from cygnet_lab.share.state import State, away_sentence
from cygnet_share.path_rule import reason_against
from cygnet_share.tree import EMPTY, File, Tree
from hypothesis import given
from hypothesis import strategies as st

SINCE = datetime(2029, 3, 1, 10, 41, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        ([], "Sharing is away since 10:41."),
        ([1], "Sharing is away since 10:41, 1 save waits."),
        ([1, 2], "Sharing is away since 10:41, 3 saves wait."),
    ],
)
def test_page_says_since_when_the_service_is_away(
    waiting: list[int], sentence: str
) -> None:
    states = [State(1, "x", waiting=it) for it in waiting]

    assert away_sentence(SINCE, states, UTC) == sentence
    assert away_sentence(None, states, UTC) == ""


def files(count: int) -> Tree:
    return {f"{i}": File(1, (f"{i}",)) for i in range(count)}


@pytest.mark.parametrize(
    ("before", "after", "is_asked"),
    [
        (12, 6, False),
        (12, 5, True),
        (9, 1, False),
        (9, 0, True),
        (1, 0, True),
        (0, 0, False),
    ],
)
def test_many_files_that_have_gone_are_asked_about(
    before: int, after: int, *, is_asked: bool
) -> None:
    assert bool(publisher.gone(files(before), files(after))) == is_asked


def test_files_that_were_moved_have_not_gone() -> None:
    moved = {f"sub/{path}": it for path, it in files(12).items()}

    assert publisher.gone(files(12), moved) == ()
    assert publisher.gone(EMPTY, moved) == ()


@pytest.mark.parametrize(
    ("owner", "title", "place"),
    [
        ("ann", "Week 1", "Shared/ann/Week 1"),
        ("ann", "../../.ssh", "Shared/ann/_.._.ssh"),
        ("ann", "...", "Shared/ann/share"),
        ("..", "a\\b\n", "Shared/share/a_b_"),
        ("ann", "caf\u0065\u0301", "Shared/ann/caf\u00e9"),
        ("ann", "__pycache__", "Shared/ann/share"),
        ("ann@example.org", "\u202egpj.exe", "Shared/ann@example.org/_gpj.exe"),
    ],
)
def test_place_is_made_of_what_another_has_written(
    owner: str, title: str, place: str
) -> None:
    assert free_place(owner, title, []) == place


def test_place_that_is_taken_gets_a_number() -> None:
    taken = ["Shared/Ann/WEEK 1", "Shared/ann/Week 1 (2)"]

    assert free_place("ann", "Week 1", taken) == "Shared/ann/Week 1 (3)"


@given(st.text(), st.text())
def test_place_can_always_be_shared(owner: str, title: str) -> None:
    place = free_place(owner, title, [])

    assert reason_against(place) is None
    assert len(place.split("/")) == 3
