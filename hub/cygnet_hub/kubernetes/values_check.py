"""Decides whether a service can run with the chart's values, before it does.

By the hub's own definitions, Kubernetes' schemas and what only several values
together show. All problems at once; nothing of a cluster is asked.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cygnet_hub.errors import Problem
from cygnet_hub.kubernetes import (
    values_login,
    values_offer,
    values_secret,
    values_shape,
    values_sharing,
    values_type,
)
from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.kubernetes.values_file import Flaw, Place, Written

_IGNORED = {"global", "drawn"}
"""What Helm and the chart's templates add to the values."""
_PLACEMENTS: tuple[Place, ...] = (
    ("config", "placement"),
    ("hub", "placement"),
    ("proxy", "placement"),
    ("sharing", "placement"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    problems: tuple[Problem, ...]
    """Why an installation or upgrade is refused, in the order of the files."""
    warnings: tuple[Problem, ...]
    """What is worth knowing."""


def examine(
    written: Written, secrets: Path | None = None, *, is_upgrade: bool = False
) -> Report:
    """Find all that is wrong with values.

    Parameters
    ----------
    secrets
        Where the Secrets that the values name are mounted; without it they are not
        looked at.
    is_upgrade
        Whether a release is there, which goes on with some things that a new one is
        refused for.
    """
    raw = {k: v for k, v in written.values.items() if k not in _IGNORED}
    values, found = _validated(raw)
    wrong = {it.place for it in found}
    for rule in _rules(raw, values, secrets, is_upgrade=is_upgrade):
        # What follows from a value that is refused already would only confuse.
        found += [it for it in rule if not _is_about(it.place, wrong)]
    order = {place: at for at, place in enumerate(written.lines)}
    found.sort(key=lambda it: _position(it.place, order))
    return Report(
        (
            *written.problems,
            *(written.problem(it) for it in found if not it.is_warning),
        ),
        tuple(written.problem(it) for it in found if it.is_warning),
    )


def lines(report: Report) -> list[str]:
    """Return a report as lines.

    Returns
    -------
    list of str
        A line for each problem and warning, and what they mean together.
    """
    found = [f"warning: {it}" for it in report.warnings]
    found += [str(it) for it in report.problems]
    count = len(report.problems)
    if count:
        noun = "1 problem" if count == 1 else f"{count} problems"
        return [*found, f"{noun}: these values are refused, and nothing is changed."]
    return [*found, "These values have no problem that shows without a cluster."]


def _rules(
    raw: Mapping[str, Any], values: Values, secrets: Path | None, *, is_upgrade: bool
) -> Iterator[Iterator[Flaw]]:
    """Give what each area has to say."""
    yield _shapes(values)
    yield values_offer.flaws(values.config)
    yield values_login.flaws(raw, values, is_upgrade=is_upgrade)
    yield values_sharing.flaws(values)
    yield values_secret.texts(values)
    if secrets is not None:
        yield values_secret.mounted(values, secrets)
        yield values_sharing.mounted(values.sharing, secrets)


def _shapes(values: Values) -> Iterator[Flaw]:
    """Check the parts that Kubernetes defines."""
    placements = (
        *(values.config.placement, values.hub.placement),
        *(values.proxy.placement, values.sharing.placement),
    )
    for place, placement in zip(_PLACEMENTS, placements, strict=True):
        yield from values_shape.labels(
            placement.node_selector, (*place, "nodeSelector")
        )
        yield from values_shape.flaws(
            values_shape.AFFINITY, placement.affinity, (*place, "affinity")
        )
        yield from _listed(
            values_shape.TOLERATION, placement.tolerations, (*place, "tolerations")
        )
    for name, resources in {
        "hub": values.hub.resources,
        "proxy": values.proxy.resources,
        "sharing": values.sharing.resources,
    }.items():
        yield from values_shape.flaws(
            values_shape.RESOURCES, resources, (name, "resources")
        )
    policy = values.network_policy
    yield from _listed(
        values_shape.PEER, policy.proxy_from, ("networkPolicy", "proxyFrom")
    )
    yield from _listed(
        values_shape.EGRESS, policy.hub_egress, ("networkPolicy", "hubEgress")
    )
    yield from _listed(
        values_shape.EGRESS, policy.share_egress, ("networkPolicy", "shareEgress")
    )
    yield from _pods(values.config.network.allowed_pods)
    for place, part in {
        ("ingress", "annotations"): values.ingress.annotations,
        ("gateway", "annotations"): values.gateway.annotations,
        ("proxy", "service", "annotations"): values.proxy.service.annotations,
    }.items():
        yield from values_shape.annotations(part, place)
    parents = {
        "parentRefs": values.gateway.parent_refs,
        "personParentRefs": values.gateway.person_parent_refs,
    }
    for name, refs in parents.items():
        yield from _listed(values_shape.PARENT, refs, ("gateway", name))


def _pods(peers: Sequence[Mapping[str, object]]) -> Iterator[Flaw]:
    """Check what selects pods of the cluster."""
    place: Place = ("config", "network", "allowedPods")
    yield from _listed(values_shape.PEER, peers, place)
    for index, peer in enumerate(peers):
        if "ipBlock" in peer:
            remedy = "write the block in config.network.allowed"
            yield Flaw(
                (*place, index), "is an address block, and selects no pod", remedy
            )
        elif not {"namespaceSelector", "podSelector"} & peer.keys():
            remedy = "add a namespaceSelector or a podSelector"
            yield Flaw((*place, index), "selects nothing", remedy)
        for name, selector in peer.items():
            if selector is None:
                # Kubernetes takes it for one that is not there.
                yield Flaw((*place, index, name), "has no value", "write {} for all")


def _listed(kind: str, parts: Sequence[object], place: Place) -> Iterator[Flaw]:
    """Check each part of a list."""
    for index, part in enumerate(parts):
        yield from values_shape.flaws(kind, part, (*place, index))


def _validated(raw: Mapping[str, Any]) -> tuple[Values, list[Flaw]]:
    """Read values, leaving out what is refused so that the rest can be checked."""
    found: list[Flaw] | None = None
    left: Any = raw
    while True:
        try:
            # As JSON, since Helm's schema takes no text for a number either.
            values = Values.model_validate_json(
                json.dumps(left, default=str), strict=True, by_alias=True, by_name=False
            )
        except ValidationError as error:
            # An item that is refused is missing in the list's length, too.
            errors = [
                it
                for it in error.errors()
                if it["type"] != "too_short" or not it["input"]
            ]
            if found is None:
                found = [values_type.flaw(it) for it in errors]
            places = [values_type.place(it) for it in errors]
            refused = {_written(left, it) for it in places}
            left = {} if () in refused else _without(left, refused, ())
        else:
            return values, found or []


def _written(values: object, place: Place) -> Place:
    """Return the place itself, or what lacks it."""
    for end, part in enumerate(place):
        if isinstance(values, Mapping) and part in values:
            values = values[str(part)]
        elif isinstance(values, list) and isinstance(part, int):
            values = values[part]
        else:
            return place[:end]
    return place


def _without(part: Any, places: Collection[Place], here: Place) -> Any:  # noqa: ANN401 - values of any shape
    """Leave out what stands in some places."""
    if isinstance(part, Mapping):
        return {
            name: _without(it, places, (*here, name))
            for name, it in part.items()
            if (*here, name) not in places
        }
    if isinstance(part, list):
        return [
            _without(it, places, (*here, index))
            for index, it in enumerate(part)
            if (*here, index) not in places
        ]
    return part


def _is_about(place: Place, wrong: Collection[Place]) -> bool:
    """Return whether a place holds, or is held by, one that is refused already."""
    return any(all(a == b for a, b in zip(place, it, strict=False)) for it in wrong)


def _position(place: Place, order: Mapping[Place, int]) -> int:
    """Tell where in the files a place is, or what it belongs to."""
    near = (place[:end] for end in range(len(place), 0, -1))
    return next((order[it] for it in near if it in order), len(order))
