"""The templates of the viewer's pages; whatever is put into them is text."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES: Final = Environment(
    loader=PackageLoader("cygnet_share.viewer"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fill(template: str, /, **values: object) -> Markup:
    """Fill in a template; values that are markup stay markup, all others are text."""
    return Markup(_TEMPLATES.get_template(template).render(values))  # noqa: S704 - Escaped.
