"""Whether a session is as protected as it was meant to be.

Pure: compares the session's settings with the running driver's answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spark_connector.open_port import OpenPort
from spark_connector.resolve import Resolved

# What the driver can be asked; `secret.present` is true when it has a secret at all.
_READ_BACK = (
    "spark.authenticate",
    "spark.network.crypto.enabled",
    "spark.io.encryption.enabled",
    "spark.ui.enabled",
    "spark.driver.bindAddress",
    "spark.driver.host",
    "spark.master",
)
_OF_EXECUTORS = _READ_BACK[:3]
_HAS_CREDENTIAL = "secret.present"
LISTENERS = "spark.extraListeners"
"""Read back as the classes of all listeners that are neither Spark's nor Cygnet's."""
_MAX_PORTS = 5
_NO_PORTS = "This system does not report on which ports Spark's Java listens."


class LockState(StrEnum):
    """The states of the lock next to a session's name."""

    OPEN = "open"
    CLOSED = "closed"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as asked for and as it is."""

    key: str
    expected: str
    effective: str | None


@dataclass(frozen=True, slots=True)
class ExecutorLock:
    """How one executor is protected, as it reported itself."""

    id: str
    state: LockState


@dataclass(frozen=True, slots=True)
class Lock:
    """The answer, with its reasons."""

    state: LockState
    reasons: tuple[str, ...] = ()
    """Why it is not closed, sentences; empty when it is."""

    settings: tuple[Effective, ...] = ()
    """What was compared; never a secret."""

    executors: tuple[ExecutorLock, ...] = ()
    """Of executors that are pods of their own, those that are not closed first."""

    notes: tuple[str, ...] = ()
    """What is not seen, or who could deceive it, sentences; also of a closed one."""


NO_SESSION = Lock(LockState.OPEN, ("There is no session.",))
FOREIGN = Lock(
    LockState.OPEN,
    ("The session was not made by connect(), so its protection is unknown.",),
)


def unverifiable(why: str) -> Lock:
    """Return the lock of a session whose driver did not answer."""
    reason = f"The running session could not be asked for its settings. {why}"
    return Lock(LockState.UNVERIFIABLE, (reason,))


def compare(resolved: Resolved, effective: Mapping[str, str | None]) -> Lock:
    """Compare the requested settings with the driver's effective ones.

    The lock is closed only if every setting was answered and holds.
    """
    expected = {key: resolved.value(key) for key in _READ_BACK}
    expected[_HAS_CREDENTIAL] = "true"
    settings = tuple(
        Effective(key, value, effective.get(key)) for key, value in expected.items()
    )
    reasons = [
        f"{entry.key} is {entry.effective or 'not known'}, not {entry.expected}."
        for entry in settings
        if entry.effective != entry.expected
    ]
    listeners = _listeners(resolved, effective.get(LISTENERS))
    reasons += _uninvited(listeners)
    state = LockState.OPEN if reasons else LockState.CLOSED
    notes = tuple(it.code_note for it in resolved.bundles if it.code_keys)
    return Lock(state, tuple(reasons), (*settings, listeners), notes=notes)


def _listeners(resolved: Resolved, found: str | None) -> Effective:
    named = resolved.values().get(LISTENERS, "")
    expected = _sorted(named.split(","))
    return Effective(LISTENERS, expected, found and _sorted(found.split(",")))


def _sorted(names: Iterable[str]) -> str:
    return ", ".join(sorted({name.strip() for name in names} - {""}))


def _uninvited(listeners: Effective) -> list[str]:
    """Return why listeners open the lock; those that settings name do not."""
    if listeners.effective is None:
        return [f"{LISTENERS} is not known."]
    named = (listeners.expected or "").split(", ")
    others = [it for it in listeners.effective.split(", ") if it and it not in named]
    if not others:
        return []
    return [f"{LISTENERS} is {', '.join(others)} too, which no setting names."]


def allowed_ports(resolved: Resolved) -> tuple[OpenPort, ...]:
    """Return the ports of the network on which a session's driver may listen.

    There are none where the driver is on loopback; else those that network policies
    open.
    """
    values = resolved.values()
    address = values["spark.driver.bindAddress"]
    first = (values["spark.driver.port"], values["spark.driver.blockManager.port"])
    more = int(values.get("spark.port.maxRetries", "0"))
    return tuple(
        OpenPort(address, int(port) + number)
        for port in first
        if port != "0"
        for number in range(more + 1)
    )


def with_ports(lock: Lock, ports: Sequence[OpenPort] | None) -> Lock:
    """Add the reachable ports on which Java listens; any of them opens the lock.

    `ports` is None where the system does not report them.
    """
    if ports is None:
        return replace(lock, notes=(*lock.notes, _NO_PORTS))
    if not ports:
        return lock
    reasons = tuple(
        f"Spark's Java listens on {it.place}, port {it.port}, for other machines too."
        for it in ports[:_MAX_PORTS]
    )
    return replace(lock, state=LockState.OPEN, reasons=(*lock.reasons, *reasons))


def with_executors(lock: Lock, reports: Mapping[str, Mapping[str, str] | None]) -> Lock:
    """Add the executors' own reports, None for one that has not reported.

    The lock is closed only if the driver's is and every executor holds.
    """
    locks = [ExecutorLock(name, _state_of(report)) for name, report in reports.items()]
    grave = (LockState.OPEN, LockState.UNVERIFIABLE, LockState.CLOSED)
    locks.sort(key=lambda it: grave.index(it.state))
    weak = [it for it in locks if it.state is LockState.OPEN]
    silent = [it for it in locks if it.state is LockState.UNVERIFIABLE]
    reasons = [f"Executor {it.id}: {_weakness(reports[it.id])}." for it in weak]
    reasons += [f"Executor {it.id} has not reported its settings." for it in silent]
    states = (lock.state, *(it.state for it in locks))
    return replace(
        lock,
        state=min(states, key=grave.index),
        reasons=(*lock.reasons, *reasons),
        executors=tuple(locks),
    )


def _state_of(report: Mapping[str, str] | None) -> LockState:
    if report is None:
        return LockState.UNVERIFIABLE
    return LockState.OPEN if _weakness(report) else LockState.CLOSED


def _weakness(report: Mapping[str, str] | None) -> str:
    missing = (key for key in _OF_EXECUTORS if (report or {}).get(key) != "true")
    return ", ".join(
        f"{key} is {(report or {}).get(key, 'not known')}" for key in missing
    )
