"""Checks what the form would offer: whether any user could start a server.

The form's own code decides, for a user in every group.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from itertools import chain

from cygnet_hub.kubernetes import choice, offer, quantity
from cygnet_hub.kubernetes.network_policy import EVERYWHERE, EVERYWHERE_6
from cygnet_hub.kubernetes.settings import (
    ClusterOffer,
    ServiceConfig,
    SizeOffer,
)
from cygnet_hub.kubernetes.values_file import Flaw, Place
from cygnet_hub.kubernetes.values_shape import is_inside
from cygnet_hub.spawn.field import FormOption, Named
from cygnet_hub.spawn.landing import USUAL
from cygnet_hub.spawn.problem import Refusal

_LEAST_BYTES = 64 * 1024**2
_LEAST_CPU = quantity.parse("10m")
_SIZES: Place = ("config", "sizes")
_QUOTA: Place = ("config", "quota")


def flaws(config: ServiceConfig) -> Iterator[Flaw]:
    """Check images, sizes, clusters, openings, quota, homes and network."""
    lines: dict[str, Sequence[Named]] = {
        "images": config.images,
        "sizes": config.sizes,
        "clusters": config.clusters,
        "openings": config.openings,
    }
    for name, items in lines.items():
        yield from _twice(items, ("config", name))
    for index, size in enumerate(config.sizes):
        yield from _size(size, (*_SIZES, index))
    for index, cluster in enumerate(config.clusters):
        yield from _cluster(cluster, ("config", "clusters", index))
    yield from _quota(config)
    quota = config.quota
    amounts = [quota.memory] if quota.disk is None else [quota.memory, quota.disk]
    if all(quantity.parse(it) >= _LEAST_BYTES for it in amounts):
        yield from _start(config)
    if config.network.internet:
        yield from _network(config)


def _twice(items: Sequence[Named], place: Place) -> Iterator[Flaw]:
    """Say which names stand twice: forms and links could mean either."""
    usual = [it.name for it in USUAL] if place[-1] == "openings" else []
    for index, item in enumerate(items):
        if item.name in usual:
            reason = f"“{item.name}” is a landing page that the form has itself"
        elif item.name in [it.name for it in items[:index]]:
            reason = f"“{item.name}” stands twice in this list"
        else:
            continue
        yield Flaw((*place, index, "name"), reason, "choose another name")


def _size(size: SizeOffer, place: Place) -> Iterator[Flaw]:
    """Check that a size can hold a server, and reserves no more than it allows."""
    cpu, memory = quantity.parse(size.cpu), quantity.parse(size.memory)
    yield from _bytes(size.memory, (*place, "memory"))
    yield from _bytes(size.disk, (*place, "disk"))
    if cpu < _LEAST_CPU:
        yield Flaw(
            (*place, "cpu"),
            f"{size.cpu} is not an amount of CPU",
            "write e.g. 500m or 2",
        )
    remedy = "reserve at most what the size has"
    if quantity.parse(size.cpu_request or "0") > cpu:
        reason = f"reserves {size.cpu_request} CPUs, and the size has {size.cpu}"
        yield Flaw((*place, "cpuRequest"), reason, remedy)
    if quantity.parse(size.memory_request or "0") > memory:
        reason = f"reserves {size.memory_request}, and the size has {size.memory}"
        yield Flaw((*place, "memoryRequest"), reason, remedy)


def _bytes(text: str, place: Place) -> Iterator[Flaw]:
    """Check an amount of memory or disk, where `m` means the thousandth of a byte."""
    if quantity.parse(text) >= _LEAST_BYTES:
        return
    number = text.rstrip("kKMGTPEim")
    unit = "Gi" if text == number or text.endswith(("g", "G")) else "Mi"
    reason = f"{text} is less than 64 MiB"
    yield Flaw(place, reason, f"did you mean {number}{unit}?")


def _cluster(cluster: ClusterOffer, place: Place) -> Iterator[Flaw]:
    """Check that an executor reserves no more than it may use."""
    if cluster.type == "local":
        return
    yield from _bytes(cluster.executor_disk, (*place, "executorDisk"))
    if quantity.parse(cluster.executor_cpu_request) > cluster.executor_cores:
        reason = (
            f"reserves {cluster.executor_cpu_request} CPUs, and an executor has "
            f"{cluster.executor_cores} of executorCores"
        )
        remedy = "reserve at most what executorCores says"
        yield Flaw((*place, "executorCpuRequest"), reason, remedy)


def _quota(config: ServiceConfig) -> Iterator[Flaw]:
    """Check that a home fits, and that amounts are meant as they are written."""
    quota, storage = config.quota, config.storage
    yield from _bytes(quota.memory, (*_QUOTA, "memory"))
    yield from _bytes(storage.size, ("config", "storage", "size"))
    if quota.disk is not None:
        yield from _bytes(quota.disk, (*_QUOTA, "disk"))
    if quota.volumes < 1:
        yield Flaw((*_QUOTA, "volumes"), "leaves no room for a home", "write 1 or more")
    if quantity.parse(quota.storage) < quantity.parse(storage.size):
        reason = f"{quota.storage} is less than a home of {storage.size} (storage.size)"
        yield Flaw((*_QUOTA, "storage"), reason, f"write {storage.size} or more")


def _start(config: ServiceConfig) -> Iterator[Flaw]:
    """Check that there is a user who can start a server."""
    named = (
        *(it.groups for it in config.images),
        *(it.groups for it in config.sizes),
        *(it.groups for it in config.clusters),
    )
    groups = frozenset(chain.from_iterable(named if config.oidc else ()))
    offers = offer.offers(config, groups)
    closed: dict[Place, Sequence[FormOption[Named]]] = {
        ("config", "images"): offers.images,
        _SIZES: offers.sizes,
        ("config", "clusters"): offers.clusters,
    }
    none_open = {k: v for k, v in closed.items() if not any(it.is_open for it in v)}
    for place, entries in none_open.items():
        yield Flaw(
            place, _nobody(entries), "open one line to all users, and let it fit"
        )
    for index, entry in enumerate(offers.sizes):
        if not entry.is_open and _SIZES not in none_open:
            reason = f"no user can have “{entry.item.label}” ({_said(entry)})"
            yield Flaw((*_SIZES, index), reason, "change it, or the quota", True)  # noqa: FBT003 - a warning
    chosen = choice.form(offers).parse({})
    if isinstance(chosen, Refusal) and not none_open:
        for it in chosen.problems:
            name = {"size": "sizes", "image": "images"}.get(it.field, "clusters")
            reason = f"no user can start a server: {it.reason}"
            yield Flaw(("config", name), reason, it.remedy)


def _nobody(entries: Sequence[FormOption[Named]]) -> str:
    """Explain why no user can have any of some lines."""
    reasons = "; ".join(f"“{it.item.label}”: {_said(it)}" for it in entries)
    return f"no user can have one of them ({reasons})"


def _said(entry: FormOption[Named]) -> str:
    """Give a line's reason within a sentence."""
    return entry.reason.rstrip(".")[:1].lower() + entry.reason.rstrip(".")[1:]


def _network(config: ServiceConfig) -> Iterator[Flaw]:
    """Check that what is blocked leaves something of the internet."""
    outer = {4: ip_network(EVERYWHERE), 6: ip_network(EVERYWHERE_6)}
    for index, text in enumerate(config.network.blocked):
        block = ip_network(text)
        whole = outer[block.version]
        if block.overlaps(whole) and not is_inside(block, whole):
            place = ("config", "network", "blocked", index)
            reason = f"{block} is all of the internet, and only parts are excepted"
            yield Flaw(place, reason, "set config.network.internet to false instead")
