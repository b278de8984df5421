import pytest

from spark_connector.lock import (
    LockState,
    allowed_ports,
    compare,
    unverifiable,
    with_executors,
    with_ports,
)
from spark_connector.open_port import OpenPort
from tests.support.connector import bundle, on_pods, resolved

HOLDS: dict[str, str | None] = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.master": "local[2]",
    "secret.present": "true",
    "spark.extraListeners": "",
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


def test_listener_that_a_setting_names_is_no_stranger() -> None:
    asked = resolved(**{"spark.extraListeners": "org.b.B,org.a.A"})

    assert (
        compare(asked, {**HOLDS, "spark.extraListeners": "org.a.A,org.b.B"}).reasons
        == ()
    )
    (reason,) = compare(asked, {**HOLDS, "spark.extraListeners": "org.a.A,x.Y"}).reasons
    assert reason == "spark.extraListeners is x.Y too, which no setting names."


def test_port_for_other_machines_opens_the_lock() -> None:
    lock = with_ports(compare(resolved(), HOLDS), [OpenPort("0.0.0.0", 4040)])  # noqa: S104 - what is refused.

    assert lock.state is LockState.OPEN
    assert lock.reasons == (
        "Spark's Java listens on every address, port 4040, for other machines too.",
    )


def test_ports_that_cannot_be_seen_are_said() -> None:
    lock = with_ports(compare(resolved(), HOLDS), None)

    assert lock.state is LockState.CLOSED
    assert lock.notes == (
        "This system does not report on which ports Spark's Java listens.",
    )


def test_driver_of_executors_may_listen_where_policies_let_them() -> None:
    ports = allowed_ports(on_pods())

    assert OpenPort("10.244.0.7", 7107) in ports
    assert OpenPort("10.244.0.7", 7200) in ports
    assert OpenPort("10.244.0.7", 7300) not in ports
    assert allowed_ports(resolved()) == ()


def test_bundle_with_code_is_named_next_to_a_closed_lock() -> None:
    lock = compare(resolved(bundle("kafka", **{"spark.jars": "a.jar"})), HOLDS)

    assert lock.state is LockState.CLOSED
    assert lock.notes[0].startswith("The bundle 'kafka' brings code (spark.jars), ")


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
