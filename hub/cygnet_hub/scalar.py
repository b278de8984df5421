"""The texts and numbers that single values of the chart may be.

What never works is refused by the type, so the chart's schema, the hub and
`cygnet check` agree. What depends on other values is `values_check`'s.
"""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|[MGTPE]|[KMGTPE]i)?$"
"""What an amount of Kubernetes looks like."""
_PART = r"[a-z0-9]+([._-]+[a-z0-9]+)*"
_HOST = r"([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?|\[[0-9a-fA-F:]+\](:[0-9]+)?)"
_TAG = r"(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?"


def _written(value: object) -> object:
    """Take a number for the text that Kubernetes would read."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _block(text: str) -> str:
    """Take an address block, or a single address, as Kubernetes wants it."""
    return str(ip_network(text, strict=False))


def exact_block(text: str) -> str:
    """Take an address block that Kubernetes reads itself.

    Parameters
    ----------
    text
        As it was written.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ValueError
        With the reason.
    """
    if "/" not in text:
        reason = f"{text} has no length; write {text}/32 for this address alone"
        raise ValueError(reason)
    ip_network(text, strict=False)
    return text


_NAME = r"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$"
Name = Annotated[str, Field(pattern=_NAME)]
"""What is written into forms and links: at most 40 small letters, digits, dashes."""
_OBJECT = r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$"
ObjectName = Annotated[str, Field(pattern=_OBJECT)]
"""The name of a Kubernetes object; empty for none."""
Quantity = Annotated[
    str,
    BeforeValidator(_written),
    Field(pattern=QUANTITY),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": QUANTITY}, {"type": "number"}]}
    ),
]
"""An amount as Kubernetes writes it, e.g. `500m`, `4Gi` or the number 2."""
Cidr = Annotated[str, AfterValidator(_block)]
"""An address block, e.g. `10.0.0.0/8`; one address stands for itself alone."""
Block = Annotated[str, AfterValidator(exact_block)]
"""An address block with its length."""
_IMAGE = rf"^(({_HOST}/)?{_PART}(/{_PART})*{_TAG})?$"
Image = Annotated[str, Field(pattern=_IMAGE), WithJsonSchema({"type": "string"})]
"""The name of an image, e.g. `registry.example.org/team/user:1`; empty for none."""
_REGISTRY = rf"^({_HOST}(/{_PART})*/?)?$"
Registry = Annotated[str, Field(pattern=_REGISTRY), WithJsonSchema({"type": "string"})]
"""What stands before the name of an image, without a scheme; empty for nothing."""
_EXTENDED = r"^[a-z0-9][-a-z0-9.]*/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
Extended = Annotated[str, Field(pattern=_EXTENDED)]
"""The name of an extended resource, e.g. `nvidia.com/gpu`."""
Count = Annotated[int, Field(ge=0)]
"""How many of something."""
_SPARK = r"^[1-9][0-9]*(\.[0-9]+){0,2}$"
Spark = Annotated[str, Field(pattern=_SPARK)]
"""A version of Spark, e.g. 4.3."""

SPOKEN = {"image": _IMAGE, "registry": _REGISTRY}
"""Patterns that say nothing to people: the chart refuses in words what does not fit."""
REMEDIES = {
    QUANTITY: "write an amount, e.g. 500m, 2 or 4Gi",
    _NAME: "use at most 40 small letters, digits and dashes",
    _OBJECT: "use small letters, digits, dashes and dots",
    _IMAGE: "write a name, e.g. registry.example.org/team/user:1",
    _REGISTRY: "write e.g. registry.example.org/team, without https://",
    _EXTENDED: "write a name with a domain, e.g. nvidia.com/gpu",
    _SPARK: 'write a version in quotes, e.g. "4.3"',
}
"""What to write, by the pattern that a text does not fit."""
