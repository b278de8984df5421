"""The kinds of fields that an options form has: what each one offers and reads.

A decision without side effects. Which fields there are is decided by `local` and
`kubernetes`; `options_form` puts them together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cygnet_hub.spawn.problem import FieldProblem, shortened


class Named(Protocol):
    """What every line of a selection has."""

    @property
    def name(self) -> str:
        """The value in forms and links."""

    @property
    def label(self) -> str:
        """The words in the form."""


Item = TypeVar("Item", bound=Named)
Item_co = TypeVar("Item_co", bound=Named, covariant=True)
Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True, slots=True)
class FormOption(Generic[Item_co]):
    """One line of a selection."""

    item: Item_co
    """What it stands for."""
    reason: str = ""
    """Why this user cannot have it, a sentence; empty when they can."""
    notes: tuple[str, ...] = ()
    """What there is to know about it, sentences."""
    remedy: str = ""
    """What this user can do about the reason, an imperative; mostly nothing."""

    @property
    def is_open(self) -> bool:
        """Whether this user can have it."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Selection(Generic[Item_co]):
    """A field of which one line is chosen."""

    name: str
    """In forms and links."""
    label: str
    """The words above it."""
    options: tuple[FormOption[Item_co], ...]
    """At least one, in the order of the form."""
    proposal: str = ""
    """The name of the line that is proposed; empty for the first that is open."""
    is_short: bool = False
    """Whether its lines are a list that opens, instead of one below the other."""

    kind = "selection"

    @property
    def proposed(self) -> str:
        """The value of a first form."""
        return self.proposal or first(self.options).name

    def read(self, value: str) -> Item_co | FieldProblem:
        """Find the line that was chosen."""
        remedy = "choose one of the list"
        if not any(it.is_open for it in self.options):
            remedy = "ask your administrator for access"
        for option in self.options:
            if option.item.name == value:
                if option.is_open:
                    return option.item
                why = option.reason[:1].lower() + option.reason[1:].rstrip(".")
                reason = f"“{option.item.label}” is not available to you ({why})"
                return FieldProblem(self.name, reason, option.remedy or remedy)
        reason = f"“{shortened(value)}” is not offered"
        return FieldProblem(self.name, reason, remedy)


@dataclass(frozen=True, slots=True)
class Entered(Generic[Value_co]):
    """A field into which something is written."""

    name: str
    """In forms and links."""
    label: str
    """The word above it."""
    hint: str
    """What can be written, below it."""
    proposed: str
    """The value of a first form."""
    read: Callable[[str], Value_co | FieldProblem]
    """Reads what was sent."""
    is_number: bool = False
    """Whether only digits are written."""

    kind = "entered"


@dataclass(frozen=True, slots=True)
class Box:
    """A field that is ticked or not."""

    name: str
    """In forms and links."""
    label: str
    """The words next to it."""
    hint: str
    """What it does, below them."""
    ticked: str
    """The value of a ticked one, which is true."""
    proposed: str
    """The other value."""

    kind = "box"

    def read(self, value: str) -> bool | FieldProblem:
        """Read whether it is ticked.

        Returns
        -------
        bool or FieldProblem
            Whether it is.
        """
        if value in {self.ticked, self.proposed}:
            return value == self.ticked
        reason = f"“{shortened(value)}” is not a value of {self.name}"
        remedy = f"tick the box or not; in a link write {self.name}={self.ticked}"
        return FieldProblem(self.name, reason, remedy)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields in one row."""

    label: str
    """The words above them."""
    hint: str
    """What they have in common, below those."""
    fields: tuple[Entered[object], ...]
    """At least one."""

    kind = "group"


Field = Selection[Named] | Entered[object] | Box
"""What has one value."""


def first(options: tuple[FormOption[Item], ...]) -> Item:
    """Return the first line that this user can have.

    Parameters
    ----------
    options
        At least one.

    Returns
    -------
    Item
        The first one where none can be had.
    """
    return next((it.item for it in options if it.is_open), options[0].item)
