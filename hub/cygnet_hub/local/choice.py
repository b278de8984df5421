"""What somebody chose on the start page, checked against what is offered.

A decision without side effects. A form that is wrong is refused with every
problem, each beside its field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cygnet_hub.local.catalog import Catalog
from cygnet_hub.local.memory import Memory
from cygnet_hub.spawn.landing import Opening
from cygnet_hub.spawn.problem import FieldProblem, Refusal, shortened, unknown_field

FIELDS = ("opens", "cores", "memory")
"""The names of the fields, in the order of the form."""


@dataclass(frozen=True, slots=True)
class SpawnChoice:
    """A choice that can be started."""

    opens: Opening
    """What JupyterLab shows first."""
    cores: int
    """The most cores that Spark may use."""
    memory: Memory
    """The most memory that Spark's driver may use for its heap."""

    def fields(self) -> dict[str, str]:
        """Return the choice as the form writes it, which JupyterHub remembers.

        Returns
        -------
        dict of str to str
            One value per name in `FIELDS`.
        """
        return {
            "opens": self.opens.name,
            "cores": str(self.cores),
            "memory": str(self.memory),
        }


def proposal(catalog: Catalog) -> SpawnChoice:
    """Return what somebody new is proposed.

    Parameters
    ----------
    catalog
        What is offered.

    Returns
    -------
    SpawnChoice
        Always one that `parse` accepts.
    """
    return SpawnChoice(catalog.opens, catalog.cores, catalog.memory)


def parse(form: Mapping[str, Sequence[str]], catalog: Catalog) -> SpawnChoice | Refusal:
    """Read a form.

    Parameters
    ----------
    form
        The values of each field as a browser sends them; a field that is missing
        has the value that is proposed.
    catalog
        What is offered.

    Returns
    -------
    SpawnChoice or Refusal
        The choice, or every problem.
    """
    proposed = proposal(catalog)
    values = proposed.fields() | {k: v[-1].strip() for k, v in form.items() if v}
    opens = _opens(values["opens"], catalog)
    cores = _cores(values["cores"], catalog)
    memory = _memory(values["memory"], catalog)
    strange = [unknown_field(name, FIELDS) for name in values if name not in FIELDS]
    match opens, cores, memory, strange:
        case Opening(), int(), Memory(), []:
            return SpawnChoice(opens, cores, memory)
        case _:
            found = (opens, cores, memory, *strange)
            problems = tuple(p for p in found if isinstance(p, FieldProblem))
            return Refusal({name: values[name] for name in FIELDS}, problems)


def remembered(fields: Mapping[str, object], catalog: Catalog) -> SpawnChoice:
    """Return the last choice as far as it is still offered.

    Parameters
    ----------
    fields
        What `SpawnChoice.fields` returned, perhaps on another day with another
        machine or by another version.
    catalog
        What is offered now.

    Returns
    -------
    SpawnChoice
        With the proposal in place of each value that no longer holds.
    """
    kept = {k: (v,) for k, v in fields.items() if k in FIELDS and isinstance(v, str)}
    parsed = parse(kept, catalog)
    if isinstance(parsed, Refusal):
        wrong = {problem.field for problem in parsed.problems}
        parsed = parse({k: v for k, v in kept.items() if k not in wrong}, catalog)
    return proposal(catalog) if isinstance(parsed, Refusal) else parsed


def _opens(value: str, catalog: Catalog) -> Opening | FieldProblem:
    """Find what is to be shown first."""
    for opening in catalog.openings:
        if opening.name == value:
            return opening
    return FieldProblem(
        "opens", f"“{shortened(value)}” is not offered", "choose one of the list"
    )


def _cores(value: str, catalog: Catalog) -> int | FieldProblem:
    """Read the number of cores."""
    remedy = f"give a whole number from 1 to {catalog.max_cores}"
    if not (value.isascii() and value.isdigit() and len(value) < len("1000000")):
        return FieldProblem(
            "cores", f"“{shortened(value)}” is no number of cores", remedy
        )
    if int(value) < 1:
        return FieldProblem("cores", "Spark needs at least one core", remedy)
    if int(value) > catalog.max_cores:
        noun = "core" if catalog.max_cores == 1 else "cores"
        reason = f"this machine has {catalog.max_cores} {noun}, not {value}"
        return FieldProblem("cores", reason, remedy)
    return int(value)


def _memory(value: str, catalog: Catalog) -> Memory | FieldProblem:
    """Read the amount of memory."""
    low, high = catalog.min_memory, catalog.max_memory
    remedy = f"give an amount from {low} to {high}, such as {catalog.memory}"
    try:
        memory = Memory.parse(value)
    except ValueError:
        reason = f"“{shortened(value)}” is no amount of memory"
        return FieldProblem("memory", reason, remedy)
    if memory < low:
        return FieldProblem("memory", f"Spark does not start with {memory}", remedy)
    if memory > high:
        reason = f"this machine has {high}, not {memory}"
        return FieldProblem("memory", reason, remedy)
    return memory
