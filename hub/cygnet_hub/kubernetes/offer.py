"""What the form offers one user on Kubernetes.

A decision without side effects: settings and the user's groups in, offers out,
each with the reason when this user cannot have it. `choice` reads what is chosen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote

from cygnet_hub.kubernetes import quantity
from cygnet_hub.kubernetes.settings import (
    ClusterOffer,
    ImageOffer,
    LandingPageOffer,
    Quota,
    ServiceConfig,
    SizeOffer,
)
from cygnet_hub.spawn.field import FormOption
from cygnet_hub.spawn.landing import USUAL, LandingPage
from spark_connector.grant import OVERHEAD_TENTHS

_OVERHEAD = Fraction(OVERHEAD_TENTHS, 10)
_LEAST_OVERHEAD = 384 * 1024**2


@dataclass(frozen=True, slots=True)
class Offers:
    """All lines of one user's form, in the order of the settings."""

    images: tuple[FormOption[ImageOffer], ...]
    """At least one."""
    sizes: tuple[FormOption[SizeOffer], ...]
    """At least one."""
    clusters: tuple[FormOption[ClusterOffer], ...]
    """At least one."""
    openings: tuple[FormOption[LandingPage], ...]
    """At least one, the proposed one first."""
    quota: Quota
    """What all of the user's servers and executors may take together."""
    left: Quota
    """What other servers that run leave of it; their executors are not counted."""


def offers(
    settings: ServiceConfig,
    groups: frozenset[str],
    others: Sequence[SizeOffer] = (),
) -> Offers:
    """Decide what is offered to one user.

    Returns
    -------
    Offers
        Every offer of the settings: those that the user cannot have too.
    """
    quota, left = settings.quota, _left(settings.quota, others)
    images = tuple(
        FormOption(it, _members_only(it.groups, groups), _image_notes(it))
        for it in settings.images
    )
    sizes = tuple(_size(it, groups, quota, left) for it in settings.sizes)
    clusters = tuple(
        FormOption(
            it,
            _members_only(it.groups, groups) or _no_image(it, images),
            _cluster_notes(it, images, sizes, left),
        )
        for it in settings.clusters
    )
    usual = [FormOption(it) for it in USUAL]
    own = [
        FormOption(opening(it), _members_only(it.groups, groups))
        for it in settings.openings
    ]
    return Offers(images, sizes, clusters, (*own, *usual), quota, left)


def opening(offer: LandingPageOffer) -> LandingPage:
    """Return where a file or folder of the home directory is shown."""
    return LandingPage(offer.name, offer.label, f"/lab/tree/{quote(offer.path)}")


def does_spark_fit(image: ImageOffer, cluster: ClusterOffer) -> bool:
    """Return whether an image has a version of Spark that a cluster has too.

    Parameters
    ----------
    cluster
        Says which versions fit; all do when it names none.

    Returns
    -------
    bool
        Versions are compared as far as both are written out: 4.3.1 fits 4.3.
    """
    # An image that says 4.3 may hold 4.3.1: only what both write out can differ.
    return not cluster.spark or any(
        all(a == b for a, b in zip(image.spark.split("."), it.split("."), strict=False))
        for it in cluster.spark
    )


def executor_memory(cluster: ClusterOffer) -> Fraction:
    """Return the memory of an executor's pod.

    Returns
    -------
    Fraction
        Bytes: the heap and Spark's overhead for Python, four tenths of it and at
        least 384 MiB. https://spark.apache.org/docs/latest/running-on-kubernetes.html
        (`spark.kubernetes.memoryOverheadFactor`)
    """
    heap = quantity.parse(f"{cluster.executor_memory.upper()}i")
    return heap + max(heap * _OVERHEAD, Fraction(_LEAST_OVERHEAD))


def executor_room(size: SizeOffer, cluster: ClusterOffer, quota: Quota) -> int:
    """Return how many executors fit next to one server.

    Parameters
    ----------
    cluster
        Says how large the executors are and how many there may be.
    quota
        What both may take together.

    Returns
    -------
    int
        From 0 to the cluster's `max_executors`; 0 too where the cluster has none.
    """
    if cluster.type == "local":
        return 0
    cpu = quantity.parse(quota.cpu) - quantity.parse(size.cpu)
    memory = quantity.parse(quota.memory) - quantity.parse(size.memory)
    counts = [
        cluster.max_executors,
        quota.pods - 1,
        quota.pods - 1 if quota.executors is None else quota.executors,
        cpu // cluster.executor_cores,
        memory // executor_memory(cluster),
    ]
    if quota.disk is not None:
        disk = quantity.parse(quota.disk) - quantity.parse(size.disk)
        counts.append(disk // quantity.parse(cluster.executor_disk))
    return max(0, *(min(counts),))


def is_room(size: SizeOffer, cluster: ClusterOffer, quota: Quota) -> bool:
    """Return whether a server leaves room for Spark.

    Parameters
    ----------
    cluster
        Where Spark is to run.
    quota
        What both may take together.

    Returns
    -------
    bool
        True for Spark inside the server, else whether one executor fits.
    """
    return cluster.type == "local" or executor_room(size, cluster, quota) > 0


def quota_words(quota: Quota) -> str:
    """Return a quota in words: CPUs, memory and pods."""
    cpu = quantity.cpu_words(quantity.parse(quota.cpu))
    memory = quantity.memory_words(quantity.parse(quota.memory))
    return f"{cpu}, {memory} and {quota.pods} pods"


def listed(words: Sequence[str], conjunction: str) -> str:
    """Join words as in a sentence.

    Parameters
    ----------
    words
        Any number.

    Returns
    -------
    str
        Empty for no words.
    """
    if len(words) < 2:  # noqa: PLR2004 - One word or none needs no conjunction.
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def _members_only(named: Sequence[str], groups: frozenset[str]) -> str:
    """Return whose groups have what this user cannot have."""
    if not named or groups.intersection(named):
        return ""
    noun = "the group" if len(named) == 1 else "the groups"
    return f"Only for members of {noun} {listed(named, 'or')}."


def _size(
    size: SizeOffer, groups: frozenset[str], quota: Quota, left: Quota
) -> FormOption[SizeOffer]:
    """Decide whether a user can have a size now."""
    notes = _size_notes(size)
    if reason := _members_only(size.groups, groups) or _too_large(size, quota):
        return FormOption(size, reason, notes)
    if not _too_large(size, left):
        return FormOption(size, notes=notes)
    rest = [f"{left.resources[it]} of {it}" for it in size.resources]
    if left.disk is not None:
        rest.append(f"{quantity.memory_words(quantity.parse(left.disk))} of disk")
    reason = (
        f"Your other servers leave {'; '.join([quota_words(left), *rest])} of your "
        "quota."
    )
    return FormOption(size, reason, notes, "stop another server of yours first")


def _left(quota: Quota, others: Sequence[SizeOffer]) -> Quota:
    """Subtract from a quota what servers take."""
    if not others:
        return quota
    cpu = quantity.parse(quota.cpu) - sum(quantity.parse(it.cpu) for it in others)
    memory = quantity.parse(quota.memory)
    memory -= sum(quantity.parse(it.memory) for it in others)
    resources = {
        name: max(0, count - sum(it.resources.get(name, 0) for it in others))
        for name, count in quota.resources.items()
    }
    amounts = {
        "cpu": f"{max(0, math.floor(cpu * 1000))}m",
        "memory": str(max(0, math.floor(memory))),
        "pods": max(0, quota.pods - len(others)),
        "resources": resources,
    }
    if quota.disk is not None:
        taken = sum(quantity.parse(it.disk) for it in others)
        left = math.floor(quantity.parse(quota.disk) - taken)
        amounts["disk"] = str(max(0, left))
    return quota.model_copy(update=amounts)


def _too_large(size: SizeOffer, quota: Quota) -> str:
    """Say what of a size no quota of this service has room for."""
    cpu, memory = quantity.parse(quota.cpu), quantity.parse(quota.memory)
    if quantity.parse(size.cpu) > cpu:
        return f"Larger than your quota of {quantity.cpu_words(cpu)}."
    if quantity.parse(size.memory) > memory:
        return f"Larger than your quota of {quantity.memory_words(memory)} of memory."
    if quota.disk is not None and quantity.parse(size.disk) > quantity.parse(
        quota.disk
    ):
        disk = quantity.memory_words(quantity.parse(quota.disk))
        return f"Larger than your quota of {disk} of the nodes' disk."
    if quota.pods < 1:
        return "Your quota has no room for a server."
    for name, count in size.resources.items():
        if count > quota.resources.get(name, count):
            return f"Your quota has {quota.resources[name]} of {name}, not {count}."
    return ""


def _no_image(cluster: ClusterOffer, images: Sequence[FormOption[ImageOffer]]) -> str:
    """Report that none of the user's images fits a cluster."""
    if any(it.is_open and does_spark_fit(it.item, cluster) for it in images):
        return ""
    return f"None of your images has Spark {listed(cluster.spark, 'or')}."


def _image_notes(image: ImageOffer) -> tuple[str, ...]:
    """Describe an image."""
    spark = f"Spark {image.spark}."
    return (image.description, spark) if image.description else (spark,)


def _size_notes(size: SizeOffer) -> tuple[str, ...]:
    """Describe a size."""
    parts = [
        quantity.cpu_words(quantity.parse(size.cpu)),
        f"{quantity.memory_words(quantity.parse(size.memory))} of memory",
        *(f"{name}: {count}" for name, count in size.resources.items()),
    ]
    return (", ".join(parts) + ".",)


def _cluster_notes(
    cluster: ClusterOffer,
    images: Sequence[FormOption[ImageOffer]],
    sizes: Sequence[FormOption[SizeOffer]],
    quota: Quota,
) -> tuple[str, ...]:
    """Describe a cluster and what fits it."""
    notes = [_extent(cluster)]
    fitting = [
        f"“{it.item.label}”" for it in images if does_spark_fit(it.item, cluster)
    ]
    if len(fitting) < len(images):
        notes.append(f"Works with {listed(fitting, 'and') or 'none of the images'}.")
    if cluster.type == "kubernetes":
        for size in [it.item for it in sizes if it.is_open]:
            count = executor_room(size, cluster, quota)
            if count < cluster.max_executors:
                notes.append(
                    f"With “{size.label}”, your quota has room for {count or 'none'}."
                )
    return tuple(notes)


def _extent(cluster: ClusterOffer) -> str:
    """Say where Spark runs and how large it can be."""
    if cluster.type == "local":
        return "Spark shares the server's CPUs and memory."
    count, cores = cluster.max_executors, cluster.executor_cores
    heap = quantity.parse(f"{cluster.executor_memory.upper()}i")
    return (
        f"Up to {count} {'executor' if count == 1 else 'executors'} next to the "
        f"server, each with {cores} {'core' if cores == 1 else 'cores'} and "
        f"{quantity.memory_words(heap)} of memory."
    )
