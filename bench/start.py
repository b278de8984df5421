"""What the two extensions add to the start of a kernel."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.kernel import Arm, running


@dataclass(frozen=True, slots=True)
class Pair:
    """Two starts of a kernel, one after the other."""

    without_s: float
    """Until the kernel answered, without extensions."""
    with_s: float
    """Until the kernel answered, with both."""


def measure(bare: Arm, loaded: Arm, pairs: int) -> Iterator[Pair]:
    """Start ``pairs`` kernels of each kind, in an order that swaps."""
    for arm in (bare, loaded):
        start(arm)
    for number in range(pairs):
        if number % 2:
            with_s = start(loaded)
            yield Pair(start(bare), with_s)
        else:
            without_s = start(bare)
            yield Pair(without_s, start(loaded))


def start(arm: Arm) -> float:
    """Start one kernel, end it, and give how long the start took."""
    with running(arm) as kernel:
        return kernel.start_s
