"""The start pages' forms as HTML, which needs no script."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cygnet_hub.kubernetes.offer import Offers
from cygnet_hub.local.catalog import Catalog
from cygnet_hub.local.choice import FieldProblem
from cygnet_hub.spawn.rescue import Start

TEMPLATES = Path(__file__).parents[1] / "pages" / "templates"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
)


def render(
    catalog: Catalog,
    fields: Mapping[str, str],
    problems: tuple[FieldProblem, ...] = (),
) -> str:
    """Lay out the form's fields.

    Parameters
    ----------
    catalog
        What is offered.
    fields
        What is filled in: a value for each of `choice.FIELDS`.
    problems
        What is wrong with it, shown beside the fields.

    Returns
    -------
    str
        The inside of a ``form`` element, without its button.
    """
    return _rendered("choice.html", fields, problems, catalog=catalog)


def render_cluster(
    offers: Offers,
    fields: Mapping[str, str],
    problems: tuple[FieldProblem, ...] = (),
) -> str:
    """Lay out the form's fields on Kubernetes.

    Parameters
    ----------
    offers
        What is offered to this person.
    fields
        What is filled in: a value for each of `cluster_choice.FIELDS`.
    problems
        What is wrong with it, shown beside the fields.

    Returns
    -------
    str
        The inside of a ``form`` element, without its button.
    """
    return _rendered("cluster_choice.html", fields, problems, offers=offers)


def render_start(
    fields: Mapping[str, str],
    moved: Sequence[str],
    problems: Sequence[FieldProblem] = (),
    *,
    is_open: bool = False,
) -> str:
    """Lay out what of the person's own is left out.

    Parameters
    ----------
    fields
        What is filled in, for `rescue.FIELD`.
    moved
        What a reset moves, in words; empty where there is none.
    problems
        What is wrong with it.
    is_open
        Whether it is the page's matter, because a start has failed.

    Returns
    -------
    str
        Below the other fields.
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
