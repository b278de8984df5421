"""The start pages' forms as HTML, which needs no script."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cygnet_hub.catalog import Catalog
from cygnet_hub.choice import FieldProblem
from cygnet_hub.offer import Offers

TEMPLATES = Path(__file__).parent / "templates"
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
