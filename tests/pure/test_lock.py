import pytest

from spark_connector.lock import LockState, compare, unverifiable
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
