"""What a user chose on the start page of one machine, and the fields for it.

A decision without side effects. What all forms have in common is `spawn.options_form`.
"""

from dataclasses import dataclass
from functools import partial

from cygnet_hub.local.memory import Memory
from cygnet_hub.local.offer import MachineOffers
from cygnet_hub.spawn.field import Entered, FormOption, Group, Selection
from cygnet_hub.spawn.landing import LandingPage
from cygnet_hub.spawn.options_form import OptionsForm
from cygnet_hub.spawn.problem import FieldProblem, shortened

_LIMITS = (
    "The most that Spark takes on this machine. The notebook server and the Python "
    "code of your notebooks are not limited by it."
)


@dataclass(frozen=True, slots=True)
class LocalChoice:
    """A choice that can be started."""

    opens: LandingPage
    """What JupyterLab shows first."""
    cores: int
    """The most cores that Spark may use."""
    memory: Memory
    """The most memory that Spark's driver may use for its heap."""

    def fields(self) -> dict[str, str]:
        """Return the choice as the form writes it, which JupyterHub remembers."""
        return {
            "opens": self.opens.name,
            "cores": str(self.cores),
            "memory": str(self.memory),
        }


def form(offers: MachineOffers) -> OptionsForm[LocalChoice]:
    """Return the form for what this machine offers."""
    return OptionsForm(
        (
            Selection(
                "opens",
                "What opens first",
                tuple(map(FormOption, offers.openings)),
                offers.opens.name,
                is_short=True,
            ),
            Group(
                "Limits for Spark",
                _LIMITS,
                (
                    Entered(
                        "cores",
                        "Cores",
                        f"1 to {offers.max_cores}",
                        str(offers.cores),
                        partial(_cores, offers=offers),
                        is_number=True,
                    ),
                    Entered(
                        "memory",
                        "Memory",
                        f"{offers.min_memory} to {offers.max_memory}, "
                        f"e.g. {offers.memory}",
                        str(offers.memory),
                        partial(_memory, offers=offers),
                    ),
                ),
            ),
        ),
        LocalChoice,
    )


def _cores(value: str, offers: MachineOffers) -> int | FieldProblem:
    """Read the number of cores."""
    remedy = f"give a whole number from 1 to {offers.max_cores}"
    if not (value.isascii() and value.isdigit() and len(value) < len("1000000")):
        return FieldProblem(
            "cores", f"“{shortened(value)}” is not a number of cores", remedy
        )
    if int(value) < 1:
        return FieldProblem("cores", "Spark needs at least one core", remedy)
    if int(value) > offers.max_cores:
        noun = "core" if offers.max_cores == 1 else "cores"
        reason = f"this machine has {offers.max_cores} {noun}, not {value}"
        return FieldProblem("cores", reason, remedy)
    return int(value)


def _memory(value: str, offers: MachineOffers) -> Memory | FieldProblem:
    """Read the amount of memory."""
    low, high = offers.min_memory, offers.max_memory
    remedy = f"give an amount from {low} to {high}, e.g. {offers.memory}"
    try:
        memory = Memory.parse(value)
    except ValueError:
        reason = f"“{shortened(value)}” is not an amount of memory"
        return FieldProblem("memory", reason, remedy)
    if memory < low:
        return FieldProblem("memory", f"Spark does not start with {memory}", remedy)
    if memory > high:
        reason = f"this machine has {high}, not {memory}"
        return FieldProblem("memory", reason, remedy)
    return memory
