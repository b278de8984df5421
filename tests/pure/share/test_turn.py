import math
import re

import pytest
from cygnet_share.errors import BusyError, CrowdError
from cygnet_share.turn import BOUNDS, Bound, Kind, Memory, Turns

from tests.support.source import ROOT


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_as_many_run_at_once_as_may() -> None:
    turns = Turns({Kind.UPLOAD: Bound(at_once=2)})
    first, _ = (turns.take(1, Kind.UPLOAD) for _ in range(2))

    with pytest.raises(BusyError) as caught:
        turns.take(1, Kind.UPLOAD)
    assert caught.value.seconds == 1
    turns.take(2, Kind.UPLOAD)
    first()
    first()
    turns.take(1, Kind.UPLOAD)
    with pytest.raises(BusyError):
        turns.take(1, Kind.UPLOAD)


def test_calls_come_again_as_time_goes_by() -> None:
    clock = Clock()
    turns = Turns({Kind.ACT: Bound(at_once=9, per_second=0.5, burst=3)}, clock)

    def take(count: int) -> None:
        for _ in range(count):
            turns.take(1, Kind.ACT)()
        with pytest.raises(BusyError) as caught:
            turns.take(1, Kind.ACT)
        assert caught.value.seconds == 2

    take(3)
    take(0)
    clock.now = 2
    take(1)
    clock.now = 1_000
    take(3)


@pytest.mark.parametrize("kind", Kind)
def test_bounds_are_documented(kind: Kind) -> None:
    document = (ROOT / "docs/reference/sharing.md").read_text()
    bound = BOUNDS[kind]
    is_counted = math.isfinite(bound.per_second)
    pace = f"{bound.per_second:g} | {bound.burst}" if is_counted else "|"

    [row] = re.findall(rf"^\| {kind} \|(?: [^|]*\|){{4}}$", document, re.MULTILINE)

    assert row.endswith(f" | {bound.at_once} | {pace} |")


def test_memory_is_given_to_each_and_to_all_up_to_a_bound() -> None:
    memory = Memory(most=10, most_each=6)
    memory.take(1, 6)
    with pytest.raises(CrowdError):
        memory.take(1, 1)
    memory.take(2, 4)
    with pytest.raises(CrowdError, match="5 s"):
        memory.take(3, 1)

    memory.give(1, 6)
    memory.take(3, 6)
    with pytest.raises(CrowdError):
        memory.take(2, 1)
