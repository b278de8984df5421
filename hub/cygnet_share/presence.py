"""Who has which files of a share open; kept in memory, and forgotten after a while."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from time import monotonic

from cygnet_share.right import Person

FRESH_SECONDS = 50.0
"""How long it counts; a notebook server says it each 20 seconds."""

MAX_SHARES = 20
"""In how many shares a person may be at once; the one from longest ago goes."""

MAX_ENTRIES = 5_000
"""How many are kept in all."""


@dataclass(frozen=True, slots=True)
class Present:
    """A person who works in a share now."""

    name: str
    paths: Sequence[str]
    """The files that they have open, relative to the share."""

    since: datetime
    """By the service's clock, in UTC."""


@dataclass(slots=True)
class _Kept:
    present: Present
    said_at: float


class Presence:
    """Who works where; for one event loop.

    Parameters
    ----------
    clock
        Seconds that never go backwards.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[int, int], _Kept] = {}
        self._changed: dict[int, int] = {}
        # Larger after each start of the service, so that what was seen before is less.
        self._marks = count(int(time.time() * 1_000_000))
        self.first = self.mark = next(self._marks)
        """The numbers of the oldest and the newest change."""

    def say(self, person: Person, share: int, paths: Sequence[str]) -> bool:
        """Note what a person has open in a share; with no paths they leave.

        Returns
        -------
        bool
            Whether that is another than before.
        """
        self._forget()
        key = (person.id, share)
        before = self._kept.pop(key, None)
        if not paths:
            if before is not None:
                self._change(share)
            return before is not None
        is_same = before is not None and set(before.present.paths) == set(paths)
        since = before.present.since if before is not None else datetime.now(UTC)
        present = Present(person.name, tuple(sorted(set(paths))), since)
        self._kept[key] = _Kept(present, self._clock())
        mine = [it for it in self._kept if it[0] == person.id]
        for _, oldest in mine[:-MAX_SHARES]:
            self._drop((person.id, oldest))
        while len(self._kept) > MAX_ENTRIES:
            self._drop(next(iter(self._kept)))
        if not is_same:
            self._change(share)
        return not is_same

    def of(self, share: int) -> Sequence[Present]:
        """List who works in a share, by name."""
        self._forget()
        found = (it.present for key, it in self._kept.items() if key[1] == share)
        return sorted(found, key=lambda it: it.name)

    def since(self, mark: int) -> Mapping[int, Sequence[Present]]:
        """Give who works in the shares that have changed after a mark."""
        self._forget()
        found: dict[int, list[Present]] = {
            share: [] for share, at in self._changed.items() if at > mark
        }
        for (_, share), kept in self._kept.items():
            if share in found:
                found[share].append(kept.present)
        return {
            share: sorted(it, key=lambda one: one.name) for share, it in found.items()
        }

    def _forget(self) -> None:
        """Forget who has not said it for a while; the oldest stand first."""
        past = self._clock() - FRESH_SECONDS
        for key, kept in list(self._kept.items()):
            if kept.said_at > past:
                break
            self._drop(key)

    def _drop(self, key: tuple[int, int]) -> None:
        """Forget one."""
        del self._kept[key]
        self._change(key[1])

    def _change(self, share: int) -> None:
        """Note that a share has changed, the newest at the end."""
        self.mark = next(self._marks)
        self._changed.pop(share, None)
        self._changed[share] = self.mark
        while len(self._changed) > MAX_ENTRIES:
            del self._changed[next(iter(self._changed))]


def present_json(found: Present) -> Mapping[str, object]:
    """Give who works in a share as the service answers it."""
    return {
        "name": found.name,
        "paths": list(found.paths),
        "since": found.since.isoformat(),
    }
