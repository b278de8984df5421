"""The form of one machine as HTML."""

from collections.abc import Mapping

from cygnet_hub.local.catalog import Catalog
from cygnet_hub.spawn import rendering
from cygnet_hub.spawn.problem import FieldProblem


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
    return rendering.rendered("choice.html", fields, problems, catalog=catalog)
