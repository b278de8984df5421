"""What the start page offers on this machine.

A decision without side effects: settings and measurements in, offers out. What a user
makes of the offers is `choice`.
"""

from dataclasses import dataclass

from cygnet_hub.local.machine import Machine
from cygnet_hub.local.memory import MIB_PER_GIB, Memory
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn.landing import FLIGHTS, FOLDER, LAUNCHER, WORKSPACE, LandingPage

SMALLEST_MEMORY = Memory(512)
"""Spark's driver refuses to start with less than about 450 MiB."""


@dataclass(frozen=True, slots=True)
class MachineOffers:
    """All that can be chosen, with what is proposed to a new user."""

    openings: tuple[LandingPage, ...]
    """At least one, in the order of the form."""
    opens: LandingPage
    """The one that is proposed."""
    max_cores: int
    """The machine's cores."""
    cores: int
    """The number that is proposed, between 1 and `max_cores`."""
    min_memory: Memory
    """The least that Spark can run in."""
    max_memory: Memory
    """The machine's memory, in whole GiB where it has at least one."""
    memory: Memory
    """The amount that is proposed, between the two."""


def offers(settings: Settings, machine: Machine) -> MachineOffers:
    """Decide what is offered.

    Values for Spark are those of the settings as far as the machine has them. Examples
    are offered only where they exist, and the flights example is what a new user is
    proposed.
    """
    flights = (FLIGHTS,) if "flights.ipynb" in machine.examples else ()
    folder = (FOLDER,) if machine.examples else ()
    openings = (*flights, *folder, LAUNCHER, WORKSPACE)
    largest = max(_rounded(machine.memory_mib), SMALLEST_MEMORY)
    wanted = Memory.parse(settings.spark_memory)
    return MachineOffers(
        openings=openings,
        opens=openings[0] if flights else LAUNCHER,
        max_cores=machine.cores,
        cores=min(settings.spark_cores or machine.cores, machine.cores),
        min_memory=SMALLEST_MEMORY,
        max_memory=largest,
        memory=min(max(wanted, SMALLEST_MEMORY), largest),
    )


def _rounded(mib: int) -> Memory:
    """Round down to GiB: a machine sold with 16 GB has a little less."""
    return Memory(mib // MIB_PER_GIB * MIB_PER_GIB if mib >= MIB_PER_GIB else mib)
