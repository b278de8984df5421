"""The start page's form as HTML, which needs no script."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cygnet_hub.catalog import Catalog
from cygnet_hub.choice import FieldProblem

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
    by_field = {problem.field: problem for problem in problems}
    others = [problem for problem in problems if problem.field not in fields]
    template = _ENVIRONMENT.get_template("choice.html")
    return template.render(
        catalog=catalog, fields=fields, problems=by_field, others=others
    )
