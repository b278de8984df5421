"""Checks the parts of the values that Kubernetes defines.

Keys and types by Kubernetes' own schemas, an unknown key refused; beyond them the
rules of its API server that these parts meet most.
https://kubernetes.io/docs/reference/kubernetes-api/
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from cygnet_hub.kubernetes import quantity
from cygnet_hub.kubernetes.values_file import Flaw, Place
from cygnet_hub.scalar import QUANTITY, exact_block

Network = IPv4Network | IPv6Network
TOLERATION = "core.v1.Toleration"
AFFINITY = "core.v1.Affinity"
RESOURCES = "core.v1.ResourceRequirements"
PEER = "networking.v1.NetworkPolicyPeer"
EGRESS = "networking.v1.NetworkPolicyEgressRule"
PARENT = "gateway.ParentReference"
# Looked up at once: who lacks the library hears of it before the first check.
_SCHEMAS = files("kubernetes_validate") / "kubernetes-json-schema"
# The Gateway API is not a part of Kubernetes' own schemas.
# https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
_PARENT_REFERENCE = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "port": {"type": "integer"},
        **{
            name: {"type": "string"}
            for name in ("group", "kind", "namespace", "name", "sectionName")
        },
    },
}
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_LABEL = re.compile(rf"([a-z0-9][-a-z0-9.]{{0,252}}/)?{_WORD}")
_VALUE = re.compile(rf"({_WORD})?")


def flaws(kind: str, part: object, place: Place) -> Iterator[Flaw]:
    """Compare a part with Kubernetes' schema and rules.

    Parameters
    ----------
    kind
        The name of its definition, e.g. `TOLERATION`.
    part
        As it stands in the values.
    place
        Where it stands.

    Yields
    ------
    Flaw
        Everything that is wrong with it; of a part with a wrong type in it, only
        what the schema says.
    """
    found = list(_validator(kind).iter_errors(part))
    yield from (_by_schema(it, place) for it in found)
    is_typed = all(it.validator in {"additionalProperties", "required"} for it in found)
    if is_typed and isinstance(part, Mapping):
        yield from _RULES.get(kind, _nothing)(part, place)


def labels(part: Mapping[str, str], place: Place) -> Iterator[Flaw]:
    """Check what stands for labels of nodes or pods.

    Parameters
    ----------
    place
        Where they stand.
    """
    for name, value in part.items():
        if not _LABEL.fullmatch(name):
            remedy = "write it as `kubectl get nodes --show-labels` does"
            yield Flaw((*place, name), f"“{name}” is not a valid label name", remedy)
        if not _VALUE.fullmatch(value):
            remedy = "use at most 63 letters, digits, `-`, `_` and `.`"
            yield Flaw((*place, name), f"“{value}” is not a valid label value", remedy)


def annotations(part: Mapping[str, str], place: Place) -> Iterator[Flaw]:
    """Check the names of annotations, whose values may be anything.

    Parameters
    ----------
    place
        Where they stand.
    """
    for name in part:
        if not _LABEL.fullmatch(name):
            reason = f"“{name}” is not a valid annotation name"
            yield Flaw((*place, name), reason, "write e.g. example.org/name")


@cache
def _definitions() -> dict[str, Any]:
    """Read the strict schemas of the newest Kubernetes that the library knows."""
    strict = [it for it in _SCHEMAS.iterdir() if it.name.endswith("-strict")]
    newest = max(strict, key=lambda it: [int(n) for n in re.findall(r"\d+", it.name)])
    found: dict[str, Any] = json.loads((newest / "_definitions.json").read_text())
    found["$defs"][f"io.k8s.api.{PARENT}"] = _PARENT_REFERENCE
    return found


@cache
def _validator(kind: str) -> Any:  # noqa: ANN401 - jsonschema has no types.
    """Make what checks one kind of part."""
    # The definitions refer to each other by the address of their own document.
    schema = {**_definitions(), "$ref": f"#/$defs/io.k8s.api.{kind}"}
    return Draft202012Validator(schema)


def _by_schema(error: ValidationError, place: Place) -> Flaw:
    """Explain one refusal of the schema."""
    where = (*place, *error.absolute_path)
    known = list(error.schema.get("properties", ()))
    match error.validator:
        case "additionalProperties":
            extra = sorted(set(error.instance) - set(known))
            near = difflib.get_close_matches(extra[0], known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"
            return Flaw((*where, extra[0]), "Kubernetes has no such key here", remedy)
        case "required":
            lacking = sorted(set(error.validator_value) - set(error.instance))
            remedy = f"add {', '.join(lacking)}"
            return Flaw(where, f"lacks {', '.join(lacking)}", remedy)
        case "type":
            kinds = error.validator_value
            kinds = [kinds] if isinstance(kinds, str) else kinds
            wanted = " or ".join(it for it in kinds if it != "null")
            reason = f"{json.dumps(error.instance)} is not of type {wanted}"
            quotes = "write it in quotes" if wanted == "string" else f"write {wanted}"
            return Flaw(where, reason, quotes)
        case _:
            return Flaw(where, error.message, "write it as Kubernetes does")


def _nothing(_part: Mapping[str, Any], _place: Place) -> Iterator[Flaw]:
    """Check nothing beyond the schema."""
    yield from ()


def _toleration(part: Mapping[str, Any], place: Place) -> Iterator[Flaw]:
    """Check what the API server does of a toleration."""
    operator, effect = part.get("operator") or "Equal", part.get("effect")
    if operator not in {"Equal", "Exists", "Lt", "Gt"}:
        reason = f"there is no operator {operator}"
        yield Flaw((*place, "operator"), reason, "write Equal or Exists")
    if effect and effect not in _EFFECTS:
        reason, remedy = f"there is no effect {effect}", f"write {', '.join(_EFFECTS)}"
        yield Flaw((*place, "effect"), reason, remedy)
    if not part.get("key") and operator != "Exists":
        remedy = "add the taint's key, or `operator: Exists` for all taints"
        yield Flaw((*place, "key"), "is missing", remedy)
    if part.get("key"):
        yield from labels({str(part["key"]): str(part.get("value") or "")}, place)
    if operator == "Exists" and part.get("value"):
        reason = "`operator: Exists` takes no value"
        yield Flaw((*place, "value"), reason, "remove it, or write `operator: Equal`")
    if part.get("tolerationSeconds") is not None and effect != "NoExecute":
        reason = "counts for `effect: NoExecute` alone"
        yield Flaw((*place, "tolerationSeconds"), reason, "add that effect")


def _affinity(part: Mapping[str, Any], place: Place) -> Iterator[Flaw]:
    """Check the terms of an affinity, wherever in it they stand."""
    for where, inner in _mappings(part, place):
        weight, operator = inner.get("weight"), inner.get("operator")
        if weight is not None and not 1 <= weight <= 100:  # noqa: PLR2004 - Kubernetes'.
            yield Flaw((*where, "weight"), f"{weight} is not 1 to 100", "write one")
        if inner.get("nodeSelectorTerms") == []:
            remedy = "add a term, or leave the affinity out"
            yield Flaw((*where, "nodeSelectorTerms"), "has no term", remedy)
        if operator is not None:
            yield from _requirement(operator, inner.get("values") or [], where)
        if inner.get("topologyKey") == "":
            remedy = "write a label of nodes, e.g. kubernetes.io/hostname"
            yield Flaw((*where, "topologyKey"), "is empty", remedy)


def _requirement(operator: str, values: list[str], place: Place) -> Iterator[Flaw]:
    """Check a requirement of a label selector."""
    if operator not in _OPERATORS:
        reason, remedy = f"there is no operator {operator}", ", ".join(_OPERATORS)
        yield Flaw((*place, "operator"), reason, f"write one of {remedy}")
    elif operator in {"Exists", "DoesNotExist"} and values:
        yield Flaw((*place, "values"), f"{operator} takes no values", "remove them")
    elif operator in {"In", "NotIn"} and not values:
        yield Flaw((*place, "values"), f"{operator} needs values", "add them")
    elif operator in {"Gt", "Lt"} and not (
        len(values) == 1 and re.fullmatch(r"-?\d+", values[0])
    ):
        reason = f"{operator} needs one whole number"
        yield Flaw((*place, "values"), reason, 'write it as `values: ["1"]`')


def _resources(part: Mapping[str, Any], place: Place) -> Iterator[Flaw]:
    """Check amounts, and that no more is requested than allowed."""
    amounts = {
        (side, name): str(value)
        for side in ("requests", "limits")
        for name, value in (part.get(side) or {}).items()
    }
    wrong = {it for it, text in amounts.items() if not re.fullmatch(QUANTITY, text)}
    for side, name in wrong:
        reason = f"“{amounts[side, name]}” is not an amount"
        yield Flaw((*place, side, name), reason, "write e.g. 500m, 2 or 4Gi")
    for side, name in amounts.keys() - wrong:
        most = amounts.get(("limits", name))
        if side != "requests" or most is None or ("limits", name) in wrong:
            continue
        if quantity.parse(amounts[side, name]) > quantity.parse(most):
            reason = f"requests {amounts[side, name]}, and the limit is {most}"
            yield Flaw((*place, side, name), reason, "request at most the limit")


def _peers(part: Mapping[str, Any], place: Place) -> Iterator[Flaw]:
    """Check the address blocks and selectors of a network policy's peers."""
    for where, inner in _mappings(part, place):
        if "ipBlock" in inner and len(inner) > 1:
            remedy = "make two items of it"
            yield Flaw(where, "has an ipBlock and a selector", remedy)
        if "cidr" in inner:
            yield from _block(inner, where)
        if isinstance(inner.get("operator"), str):
            yield from _requirement(inner["operator"], inner.get("values") or [], where)


def _block(part: Mapping[str, Any], place: Place) -> Iterator[Flaw]:
    """Check an address block and what is excepted from it."""
    excepted = part.get("except") or []
    blocks = {(*place, "cidr"): part["cidr"]}
    blocks |= {(*place, "except", n): it for n, it in enumerate(excepted)}
    found = {}
    for where, text in blocks.items():
        try:
            found[where] = ip_network(exact_block(text), strict=False)
        except ValueError as error:
            yield Flaw(where, str(error), "write an address block e.g. 10.0.0.0/8")
    whole = found.pop((*place, "cidr"), None)
    for where, inner in found.items():
        if whole is not None and not is_inside(inner, whole):
            reason = f"{inner} is not a part of {whole}"
            yield Flaw(where, reason, "except blocks that are smaller and inside")


def is_inside(inner: Network, outer: Network) -> bool:
    """Return whether a block may be excepted from another one.

    Parameters
    ----------
    inner, outer
        Address blocks of any version.

    Returns
    -------
    bool
        False for equal ones too, as Kubernetes has it.
    """
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner != outer and inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner != outer and inner.subnet_of(outer)
    return False


def _mappings(part: object, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Give a mapping and all that are in it."""
    if isinstance(part, Mapping):
        yield place, part
        for name, value in part.items():
            yield from _mappings(value, (*place, name))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _mappings(value, (*place, index))


_RULES = {
    TOLERATION: _toleration,
    AFFINITY: _affinity,
    RESOURCES: _resources,
    PEER: _peers,
    EGRESS: _peers,
}
