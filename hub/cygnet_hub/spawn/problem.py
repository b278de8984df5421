"""What is wrong with a form, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why the value of one field cannot be taken."""

    field: str
    """The field's name; one that the form does not have is possible."""
    reason: str
    """What is wrong, without a full stop."""
    remedy: str
    """What to do, as an imperative without a full stop."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """All that is wrong with a form."""

    fields: Mapping[str, str]
    """What was filled in, to be shown again."""
    problems: tuple[FieldProblem, ...]
    """At least one, in the order of the form."""


def unknown_field(name: str, fields: Sequence[str]) -> FieldProblem:
    """Refuse a field that a form does not have."""
    reason = f"there is no field “{shortened(name)}”"
    return FieldProblem(name, reason, f"remove it; there are {', '.join(fields)}")


def shortened(value: str, limit: int = 40) -> str:
    """Shorten a text, visibly.

    Parameters
    ----------
    value
        Any text.
    limit
        The most characters.

    Returns
    -------
    str
        The text, or its beginning with an ellipsis.
    """
    return value if len(value) <= limit else value[: limit - 1] + "…"
