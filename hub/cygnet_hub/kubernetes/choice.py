"""The options form on Kubernetes: its fields, and the choice that comes of them.

A decision without side effects: it refuses what is not offered to this user, and what
does not fit together. What all forms have in common is `spawn.options_form`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from cygnet_hub.kubernetes import offer
from cygnet_hub.kubernetes.offer import Offers
from cygnet_hub.kubernetes.settings import ClusterOffer, ImageOffer, SizeOffer
from cygnet_hub.spawn.field import Box, FormOption, Item, Selection, first
from cygnet_hub.spawn.landing import LandingPage
from cygnet_hub.spawn.options_form import OptionsForm, Values
from cygnet_hub.spawn.problem import FieldProblem

WITH, WITHOUT = "with", "without"
"""The values of `packages`; the form's box sends the second or nothing."""
_PACKAGES = (
    "What you installed with pip stays in your home directory, unused. For a server or "
    "a kernel that one of them keeps from starting."
)


@dataclass(frozen=True, slots=True)
class PodChoice:
    """A choice that can be started."""

    image: ImageOffer
    """What the server and its executors are made of."""
    size: SizeOffer
    """What the server may take."""
    cluster: ClusterOffer
    """Where Spark runs."""
    opens: LandingPage
    """What JupyterLab shows first."""
    without_packages: bool = False
    """Whether packages that the user installed are ignored."""

    def fields(self) -> dict[str, str]:
        """Return the choice as the form writes it, which JupyterHub remembers."""
        return {
            "image": self.image.name,
            "size": self.size.name,
            "cluster": self.cluster.name,
            "opens": self.opens.name,
            "packages": WITHOUT if self.without_packages else WITH,
        }


def form(offers: Offers) -> OptionsForm[PodChoice]:
    """Return the form of one user."""
    return OptionsForm(
        (
            Selection("image", "Software", offers.images),
            Selection("size", "Size", offers.sizes),
            Selection("cluster", "Where Spark runs", offers.clusters),
            Selection("opens", "What opens first", offers.openings, is_short=True),
            Box("packages", "Start without my packages", _PACKAGES, WITHOUT, WITH),
        ),
        _choice,
        partial(_misfits, offers),
        partial(proposed, offers),
    )


def _choice(*, packages: bool, **others: Any) -> PodChoice:  # noqa: ANN401 - Lines.
    return PodChoice(**others, without_packages=packages)


def _misfits(offers: Offers, values: Values) -> list[FieldProblem]:
    """Report what does not fit together.

    A value that is not offered is reported alone: a misfit with it would only confuse.
    """
    image, size, cluster = (values.get(it) for it in ("image", "size", "cluster"))
    if cluster is None:
        return []
    room = [] if size is None else _no_room(size, cluster, offers)
    return room + ([] if image is None else _other_spark(image, cluster, offers))


def proposed(offers: Offers, given: Mapping[str, str]) -> dict[str, str]:
    """Return the first values that are offered and fit what is given.

    Parameters
    ----------
    given
        Values of some of the fields, which may be wrong.

    Returns
    -------
    dict of str to str
        An image, a size and a cluster; where nothing fits, what was proposed without
        what is given, or the first of the settings.
    """
    tried: tuple[Mapping[str, str], ...]
    tried = (given, {k: v for k, v in given.items() if k == "image"}, {})
    best = next((it for some in tried for it in _fitting(offers, some)), None)
    names = best or (
        first(offers.images).name,
        first(offers.sizes).name,
        first(offers.clusters).name,
    )
    return dict(zip(("image", "size", "cluster"), names, strict=True))


def _fitting(
    offers: Offers, given: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the combinations that can be started, in the order of the settings."""
    candidates = (
        [it.item for it in offers.images if _is_free("image", it, given)],
        [it.item for it in offers.sizes if _is_free("size", it, given)],
        [it.item for it in offers.clusters if _is_free("cluster", it, given)],
    )
    for image, size, cluster in product(*candidates):
        does_fit = offer.does_spark_fit(image, cluster)
        if does_fit and offer.is_room(size, cluster, offers.left):
            yield image.name, size.name, cluster.name


def _is_free(field: str, entry: FormOption[Item], given: Mapping[str, str]) -> bool:
    """Return whether a line is offered and is none other than what is given."""
    return entry.is_open and given.get(field, entry.item.name) == entry.item.name


def _other_spark(
    image: ImageOffer, cluster: ClusterOffer, offers: Offers
) -> list[FieldProblem]:
    """Say that image and cluster have different versions of Spark."""
    if offer.does_spark_fit(image, cluster):
        return []
    remedies = [
        f"the image “{it.item.label}”"
        for it in offers.images
        if it.is_open and offer.does_spark_fit(it.item, cluster)
    ] + [
        f"“{it.item.label}” here"
        for it in offers.clusters
        if it.is_open and offer.does_spark_fit(image, it.item)
    ]
    reason = (
        f"“{cluster.label}” works with Spark {offer.listed(cluster.spark, 'or')}, "
        f"and the image “{image.label}” has {image.spark}"
    )
    return [FieldProblem("cluster", reason, f"choose {offer.listed(remedies, 'or')}")]


def _no_room(
    size: SizeOffer, cluster: ClusterOffer, offers: Offers
) -> list[FieldProblem]:
    """Report that no executor fits next to the server."""
    if offer.is_room(size, cluster, offers.left):
        return []
    remedies = [
        f"the size “{it.item.label}”"
        for it in offers.sizes
        if it.is_open and offer.is_room(it.item, cluster, offers.left)
    ] + [
        f"“{it.item.label}” for Spark"
        for it in offers.clusters
        if it.is_open and offer.is_room(size, it.item, offers.left)
    ]
    others = "" if offers.left == offers.quota else " and your other servers"
    reason = (
        f"with “{size.label}”{others}, your quota of "
        f"{offer.quota_words(offers.quota)} has no room for an executor of "
        f"“{cluster.label}”"
    )
    remedy = offer.listed(remedies, "or")
    remedy = f"choose {remedy}" if remedy else "ask your administrator for more"
    return [FieldProblem("size", reason, remedy)]
