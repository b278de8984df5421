"""How much of the service one person may take at once; kept in memory.

A loop of one person then costs the others little: they wait for a few calls at most.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from types import MappingProxyType

from cygnet_share.errors import BusyError, CrowdError

MAX_BYTES = 256 * 2**20
"""How many bytes of bodies and answers are in memory, of all people."""

MAX_BYTES_EACH = 96 * 2**20
"""The same of one person."""


class Kind(StrEnum):
    """What a call takes of the service."""

    CALL = "call"
    """A question or two of the database."""

    ACT = "act"
    """What others are sent news of."""

    PRESENCE = "presence"
    """As an act, which notebook servers send all the time."""

    LARGE = "large"
    """A large body, and much work; others are sent news of some."""

    SEARCH = "search"
    """A question of the hub."""

    UPLOAD = "upload"
    """The bytes of a chunk in memory."""

    DOWNLOAD = "download"
    """As an upload."""

    PAGE = "page"
    """A page for a browser."""

    WAIT = "wait"
    """A connection, and nothing more."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What one person may take of a kind."""

    at_once: int
    per_second: float = math.inf
    burst: int = 1
    """How many calls may come at once after a while of quiet."""


BOUNDS: Mapping[Kind, Bound] = MappingProxyType(
    {
        Kind.CALL: Bound(at_once=16, per_second=50, burst=500),
        Kind.ACT: Bound(at_once=4, per_second=2, burst=60),
        Kind.PRESENCE: Bound(at_once=4, per_second=5, burst=100),
        Kind.LARGE: Bound(at_once=2, per_second=10, burst=100),
        Kind.SEARCH: Bound(at_once=2, per_second=4, burst=40),
        Kind.UPLOAD: Bound(at_once=8),
        Kind.DOWNLOAD: Bound(at_once=8),
        Kind.PAGE: Bound(at_once=8, per_second=10, burst=100),
        Kind.WAIT: Bound(at_once=16, per_second=10, burst=100),
    }
)


class _Taken:
    """What one person takes of a kind now."""

    def __init__(self, burst: int, now: float) -> None:
        self.at_once = 0
        self.left = float(burst)
        self.filled_at = now


class Turns:
    """Counts what each person takes.

    Parameters
    ----------
    bounds
        What one person may take.
    clock
        Seconds that never go backwards.
    """

    def __init__(
        self,
        bounds: Mapping[Kind, Bound] = BOUNDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._bounds = bounds
        self._clock = clock
        self._taken: dict[tuple[int, Kind], _Taken] = {}

    def take(self, person: int, kind: Kind) -> Callable[[], None]:
        """Begin a call.

        Returns
        -------
        callable
            To be called when it is over, at least once.

        Raises
        ------
        BusyError
            When the person takes enough already.
        """
        bound, now = self._bounds[kind], self._clock()
        taken = self._taken.setdefault((person, kind), _Taken(bound.burst, now))
        if math.isfinite(bound.per_second):
            gained = (now - taken.filled_at) * bound.per_second
            taken.left = min(bound.burst, taken.left + gained)
            taken.filled_at = now
            if taken.left < 1:
                raise BusyError((1 - taken.left) / bound.per_second)
        if taken.at_once >= bound.at_once:
            raise BusyError(1)
        taken.left -= 1
        taken.at_once += 1
        return _Once(taken)


class Memory:
    """Counts the bytes of bodies and answers that are in memory.

    Parameters
    ----------
    most
        How many at once.
    most_each
        How many of one person.
    """

    def __init__(self, most: int = MAX_BYTES, most_each: int = MAX_BYTES_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._held = Counter[int]()

    def take(self, person: int, size: int) -> None:
        """Take some for a person.

        Raises
        ------
        CrowdError
            When there are too many; then none is taken.
        """
        left = self._most - self._held.total()
        if size > min(left, self._most_each - self._held[person]):
            raise CrowdError
        self._held[person] += size

    def give(self, person: int, size: int) -> None:
        """Give them back."""
        self._held[person] -= size
        if not self._held[person]:
            del self._held[person]


class _Once:
    """Gives back what was taken, once."""

    def __init__(self, taken: _Taken) -> None:
        self._taken: _Taken | None = taken

    def __call__(self) -> None:
        """Give it back."""
        if self._taken is not None:
            self._taken.at_once -= 1
            self._taken = None
