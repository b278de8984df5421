"""One options form: what is offered, proposed, read, refused and remembered.

A decision without side effects. A form that is wrong is refused with every problem,
each at its field.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from cygnet_hub.spawn.field import Field, Group
from cygnet_hub.spawn.landing import LandingPage
from cygnet_hub.spawn.problem import FieldProblem, Refusal, unknown_field


class SpawnChoice(Protocol):
    """What a user chose, checked."""

    @property
    def opens(self) -> LandingPage:
        """What JupyterLab shows first."""

    def fields(self) -> dict[str, str]:
        """Return the choice as the form writes it, which JupyterHub remembers."""


Chosen = TypeVar("Chosen", bound=SpawnChoice)
Values = Mapping[str, Any]
"""What the fields stand for, by their names; those that could not be read are not."""


def _nothing(_values: Values) -> list[FieldProblem]:
    return []


@dataclass(frozen=True, slots=True)
class OptionsForm(Generic[Chosen]):
    """The form of one user."""

    parts: tuple[Field | Group, ...]
    """In the order of the form."""
    choice: Callable[..., Chosen]
    """Takes what each field stands for, by its name."""
    misfits: Callable[[Values], list[FieldProblem]] = _nothing
    """Finds values that do not fit together."""
    proposal: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
    """Proposes values that fit the given ones; without it each field's own."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order of the form."""
        return tuple(_fields(self.parts))

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(it.name for it in self.fields)

    def proposed(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what a first form proposes.

        Parameters
        ----------
        given
            Values of some of the fields, which may be wrong.
        """
        own = {it.name: it.proposed for it in self.fields}
        return own if self.proposal is None else {**own, **self.proposal(given)}

    def parse(self, form: Mapping[str, Sequence[str]]) -> Chosen | Refusal:
        """Read a form.

        Parameters
        ----------
        form
            The values of each field as a browser sends them; a field that is missing
            has the value that is proposed.
        """
        given = {name: values[-1].strip() for name, values in form.items() if values}
        sent = self.proposed(given) | given
        read = {it.name: it.read(sent[it.name]) for it in self.fields}
        problems = [it for it in read.values() if isinstance(it, FieldProblem)]
        values = {k: it for k, it in read.items() if not isinstance(it, FieldProblem)}
        problems += self.misfits(values)
        problems += [
            unknown_field(it, self.names) for it in sent if it not in self.names
        ]
        if not problems:
            return self.choice(**values)
        return Refusal({name: sent[name] for name in self.names}, tuple(problems))

    def remembered(self, fields: Mapping[str, object]) -> Chosen | Refusal:
        """Return the last choice as far as it is still offered.

        Parameters
        ----------
        fields
            What a choice's `fields` returned, perhaps on another day, with other offers
            or by another version.

        Returns
        -------
        Chosen or Refusal
            With the proposal in place of each value that no longer holds; a refusal
            where even the proposal cannot be started.
        """
        names = self.names
        kept = {k: (v,) for k, v in fields.items() if k in names and isinstance(v, str)}
        while isinstance(parsed := self.parse(kept), Refusal) and kept:
            wrong = {it.field for it in parsed.problems}
            # A misfit is shown at one field and another one can be its cause.
            is_known = not wrong.isdisjoint(kept)
            kept = {k: v for k, v in kept.items() if k not in wrong} if is_known else {}
        return parsed


def _fields(parts: Sequence[Field | Group]) -> Iterator[Field]:
    for it in parts:
        if isinstance(it, Group):
            yield from it.fields
        else:
            yield it
