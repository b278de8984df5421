"""Whether a session is as protected as it was meant to be.

Pure: compares what was asked for with what the running driver says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

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


class LockState(StrEnum):
    """What the lock beside a session's name shows."""

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


NO_SESSION = Lock(LockState.OPEN, ("There is no session.",))
FOREIGN = Lock(
    LockState.OPEN,
    ("The session was not made by connect(), so nobody says how it is protected.",),
)


def unverifiable(why: str) -> Lock:
    """Return the lock of a session whose driver could not be asked.

    Parameters
    ----------
    why
        The reason, one sentence.

    Returns
    -------
    Lock
        Neither open nor closed.
    """
    reason = f"The running session could not be asked for its settings. {why}"
    return Lock(LockState.UNVERIFIABLE, (reason,))


def compare(resolved: Resolved, effective: Mapping[str, str | None]) -> Lock:
    """Compare what was asked for with what the driver works with.

    Parameters
    ----------
    resolved
        What was asked for.
    effective
        What the driver answered.

    Returns
    -------
    Lock
        Closed only if every setting was answered and holds.
    """
    expected = {key: resolved.value(key) for key in _READ_BACK}
    expected[_HAS_CREDENTIAL] = "true"
    settings = tuple(
        Effective(key, value, effective.get(key)) for key, value in expected.items()
    )
    reasons = tuple(
        f"{entry.key} is {entry.effective or 'not known'}, not {entry.expected}."
        for entry in settings
        if entry.effective != entry.expected
    )
    state = LockState.OPEN if reasons else LockState.CLOSED
    return Lock(state, reasons, settings)


def with_executors(lock: Lock, reports: Mapping[str, Mapping[str, str] | None]) -> Lock:
    """Add what the executors reported of themselves.

    Parameters
    ----------
    lock
        The driver's.
    reports
        Executor to its effective settings, None for one that has not reported.

    Returns
    -------
    Lock
        Closed only if the driver's is and every executor holds.
    """
    locks = [ExecutorLock(name, _state_of(told)) for name, told in reports.items()]
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


def _state_of(told: Mapping[str, str] | None) -> LockState:
    if told is None:
        return LockState.UNVERIFIABLE
    return LockState.OPEN if _weakness(told) else LockState.CLOSED


def _weakness(told: Mapping[str, str] | None) -> str:
    missing = (key for key in _OF_EXECUTORS if (told or {}).get(key) != "true")
    return ", ".join(
        f"{key} is {(told or {}).get(key, 'not known')}" for key in missing
    )
