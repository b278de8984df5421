import pytest

from spark_connector.lock import LockState, compare, unverifiable, with_executors
from tests.support.connector import resolved

HOLDS: dict[str, str | None] = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.master": "local[2]",
    "secret.present": "true",
}


def test_lock_is_closed_when_everything_holds() -> None:
    lock = compare(resolved(), HOLDS)

    assert lock.state is LockState.CLOSED
    assert lock.reasons == ()
    assert {entry.key for entry in lock.settings} == HOLDS.keys()


@pytest.mark.parametrize("key", HOLDS)
@pytest.mark.parametrize("value", ["other", None])
def test_lock_is_open_when_one_thing_does_not_hold(key: str, value: str | None) -> None:
    lock = compare(resolved(), {**HOLDS, key: value})

    assert lock.state is LockState.OPEN
    assert len(lock.reasons) == 1
    assert lock.reasons[0].startswith(f"{key} is ")


def test_lock_is_open_when_nothing_was_answered() -> None:
    assert len(compare(resolved(), {}).reasons) == len(HOLDS)


def test_lock_that_cannot_be_checked_says_why() -> None:
    lock = unverifiable("The jar is missing.")

    assert lock.state is LockState.UNVERIFIABLE
    assert lock.reasons[0].endswith("The jar is missing.")


TOLD = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}


def test_lock_is_closed_while_every_executor_holds() -> None:
    lock = with_executors(compare(resolved(), HOLDS), {"1": TOLD, "2": TOLD})

    assert lock.state is LockState.CLOSED
    assert [(it.id, it.state.value) for it in lock.executors] == [
        ("1", "closed"),
        ("2", "closed"),
    ]


@pytest.mark.parametrize("key", TOLD)
@pytest.mark.parametrize("value", ["false", None])
def test_one_weak_executor_opens_the_lock(key: str, value: str | None) -> None:
    weak = {name: it for name, it in {**TOLD, key: value}.items() if it is not None}

    lock = with_executors(compare(resolved(), HOLDS), {"1": TOLD, "2": weak})

    assert lock.state is LockState.OPEN
    assert lock.executors[0].id == "2"
    (reason,) = lock.reasons
    assert reason.startswith(f"Executor 2: {key} is ")


def test_executor_that_has_not_reported_cannot_be_verified() -> None:
    lock = with_executors(compare(resolved(), HOLDS), {"1": TOLD, "2": None})

    assert lock.state is LockState.UNVERIFIABLE
    assert lock.reasons == ("Executor 2 has not reported its settings.",)


def test_executors_do_not_close_the_drivers_lock() -> None:
    lock = with_executors(compare(resolved(), {}), {"1": TOLD})

    assert lock.state is LockState.OPEN
    assert lock.settings
