"""Lays out the start page's form as HTML, which needs no script."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cygnet_hub.spawn.field import Field, Group
from cygnet_hub.spawn.problem import FieldProblem
from cygnet_hub.spawn.rescue import Start

_TEMPLATES = Path(__file__).parent / "templates"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
)


def render(
    parts: Sequence[Field | Group],
    fields: Mapping[str, str],
    problems: tuple[FieldProblem, ...] = (),
) -> str:
    """Lay out the form's fields.

    Parameters
    ----------
    problems
        What is wrong with it, shown next to the fields.

    Returns
    -------
    str
        The inside of a ``form`` element, without its button.
    """
    return _rendered("options.html", fields, problems, parts=parts)


def render_start(
    fields: Mapping[str, str],
    moved: Sequence[str],
    problems: Sequence[FieldProblem] = (),
    *,
    is_open: bool = False,
) -> str:
    """Lay out the field of a rescue start.

    Parameters
    ----------
    fields
        What is filled in, for `rescue.FIELD`.
    moved
        What a reset moves, in words; empty where there is none.
    problems
        What is wrong with it.
    is_open
        Whether it is shown unfolded, because a start has failed.
    """
    lines = [
        (Start.USUAL, "Use them, as always", ""),
        (
            Start.RESCUE,
            "Leave them out this time (rescue start)",
            "A rescue start shows your files, so that what is broken can be mended.",
        ),
    ]
    if moved:
        hint = (
            f"A reset puts {', '.join(moved)} of your home directory into a new folder "
            "“moved-aside-…” there, and deletes nothing."
        )
        lines.append((Start.RESET, "Move them aside (reset my environment)", hint))
    return _rendered(
        "start.html", fields, tuple(problems), lines=lines, is_open=is_open
    )


def _rendered(
    name: str,
    fields: Mapping[str, str],
    problems: tuple[FieldProblem, ...],
    **offered: object,
) -> str:
    """Fill a template in, with the first problem of each field."""
    by_field = {problem.field: problem for problem in reversed(problems)}
    others = [problem for problem in problems if problem.field not in fields]
    template = _ENVIRONMENT.get_template(name)
    return template.render(fields=fields, problems=by_field, others=others, **offered)
