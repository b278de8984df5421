"""Whether a session is as protected as it was meant to be.

Pure: compares what was asked for with what the running driver says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
class Lock:
    """The answer, with its reasons."""

    state: LockState
    reasons: tuple[str, ...] = ()
    """Why it is not closed, sentences; empty when it is."""

    settings: tuple[Effective, ...] = ()
    """What was compared; never a secret."""


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
