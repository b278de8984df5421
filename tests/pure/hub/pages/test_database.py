import asyncio
import sqlite3
from collections.abc import Callable

import pytest
from cygnet_hub.pages import database
from cygnet_hub.pages.database import Patience, SilentDatabaseError, is_silence
from sqlalchemy.exc import IntegrityError, OperationalError


def run(step: Callable[[Patience], None], patience: Patience) -> None:
    async def turn() -> None:
        step(patience)

    asyncio.run(turn())


def test_network_is_waited_for_less_than_a_second_in_one_turn() -> None:
    patience = Patience(is_bounded=True)

    def questions(patience: Patience) -> None:
        for _ in range(10):
            patience.ask()
            patience.waited(min(0.3, patience.left()))

    with pytest.raises(SilentDatabaseError):
        run(questions, patience)
    assert patience.spent <= database.LONGEST_SECONDS < 1
    # Nor is anything asked in the turns that follow at once.
    with pytest.raises(SilentDatabaseError):
        run(Patience.ask, patience)


def test_many_quick_answers_are_work() -> None:
    patience = Patience(is_bounded=True)

    def questions(patience: Patience) -> None:
        for _ in range(1000):
            patience.ask()
            patience.waited(0.005)

    run(questions, patience)
    assert patience.left() == database.LONGEST_SECONDS


def test_each_turn_has_its_own_patience() -> None:
    patience = Patience(is_bounded=True)

    async def turns() -> None:
        for _ in range(5):
            patience.ask()
            patience.waited(0.3)
            await asyncio.sleep(0)

    asyncio.run(turns())


def test_hub_that_starts_has_time() -> None:
    patience = Patience()
    patience.ask()
    patience.waited(5)
    patience.ask()

    assert patience.left() == database.CALM_SECONDS


@pytest.mark.parametrize(
    ("text", "is_silent"),
    [
        ("database is locked", True),
        ("the database did not answer in time", True),
        ("database or disk is full", False),
        ("could not extend file: No space left on device", False),
    ],
)
def test_full_disk_keeps_its_own_page(text: str, *, is_silent: bool) -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError(text))

    assert is_silence(error) is is_silent


def test_fault_of_a_question_is_no_silence() -> None:
    assert not is_silence(IntegrityError("INSERT", {}, sqlite3.IntegrityError("x")))
    assert not is_silence(ValueError("database is locked"))
    assert is_silence(SilentDatabaseError("x"))
