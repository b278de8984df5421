"""What somebody chose on the start page on Kubernetes, checked against the offers.

A decision without side effects. A form that is wrong is refused with every problem,
each beside its field: what is not offered to this person, and what does not fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from cygnet_hub.kubernetes import offer
from cygnet_hub.kubernetes.offer import Entry, Offers
from cygnet_hub.kubernetes.settings import ClusterOffer, ImageOffer, SizeOffer
from cygnet_hub.spawn.landing import Opening
from cygnet_hub.spawn.problem import FieldProblem, Refusal, shortened, unknown_field

FIELDS = ("image", "size", "cluster", "opens", "packages")
"""The names of the fields, in the order of the form."""
WITH, WITHOUT = "with", "without"
"""The values of `packages`; the form's box sends the second or nothing."""

Item = TypeVar("Item", bound=offer.Named)


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """A choice that can be started."""

    image: ImageOffer
    """What the server and its executors are made of."""
    size: SizeOffer
    """What the server may take."""
    cluster: ClusterOffer
    """Where Spark runs."""
    opens: Opening
    """What JupyterLab shows first."""
    without_packages: bool = False
    """Whether packages that the person installed stay unseen."""

    def fields(self) -> dict[str, str]:
        """Return the choice as the form writes it, which JupyterHub remembers.

        Returns
        -------
        dict of str to str
            One value per name in `FIELDS`.
        """
        return {
            "image": self.image.name,
            "size": self.size.name,
            "cluster": self.cluster.name,
            "opens": self.opens.name,
            "packages": WITHOUT if self.without_packages else WITH,
        }


def parse(form: Mapping[str, Sequence[str]], offers: Offers) -> ClusterChoice | Refusal:
    """Read a form.

    Parameters
    ----------
    form
        The values of each field as a browser sends them; a field that is missing
        has the first value that is offered to this person and fits the others.
    offers
        What is offered to this person.

    Returns
    -------
    ClusterChoice or Refusal
        The choice, or every problem.
    """
    given = {name: v[-1].strip() for name, v in form.items() if v}
    values = proposed_fields(offers, given) | given
    image = _find("image", values, offers.images)
    size = _find("size", values, offers.sizes)
    cluster = _find("cluster", values, offers.clusters)
    opens = _find("opens", values, offers.openings)
    packages = _packages(values["packages"])
    others = [unknown_field(it, FIELDS) for it in values if it not in FIELDS]
    # What is not offered at all is told alone: a misfit with it would only confuse.
    if not isinstance(cluster, FieldProblem):
        if not isinstance(image, FieldProblem):
            others = [*_other_spark(image, cluster, offers), *others]
        if not isinstance(size, FieldProblem):
            others = [*_no_room(size, cluster, offers), *others]
    match image, size, cluster, opens, packages, others:
        case ImageOffer(), SizeOffer(), ClusterOffer(), Opening(), bool(), []:
            return ClusterChoice(image, size, cluster, opens, packages)
        case _:
            found = (image, size, cluster, opens, packages, *others)
            problems = tuple(it for it in found if isinstance(it, FieldProblem))
            return Refusal({name: values[name] for name in FIELDS}, problems)


def remembered(fields: Mapping[str, object], offers: Offers) -> Mapping[str, str]:
    """Return the fields of the last choice as far as it is still offered.

    Parameters
    ----------
    fields
        What `ClusterChoice.fields` returned, perhaps on another day, with other
        offers or for somebody in other groups.
    offers
        What is offered to this person now.

    Returns
    -------
    mapping of str to str
        One value per name in `FIELDS`, with the proposal in place of each that no
        longer holds.
    """
    kept = {k: (v,) for k, v in fields.items() if k in FIELDS and isinstance(v, str)}
    while isinstance(parsed := parse(kept, offers), Refusal):
        wrong = {it.field for it in parsed.problems} & kept.keys()
        if not wrong:
            # What does not fit stands beside one field and can come of another.
            return parsed.fields if not kept else remembered({}, offers)
        kept = {k: v for k, v in kept.items() if k not in wrong}
    return parsed.fields()


def proposed_fields(offers: Offers, given: Mapping[str, str]) -> dict[str, str]:
    """Return the first values that are offered and fit what is given.

    Parameters
    ----------
    offers
        What is offered to this person.
    given
        Values of some of the fields, which may be wrong.

    Returns
    -------
    dict of str to str
        One value per name in `FIELDS`; where nothing fits, what was proposed
        without what is given, or the first of the settings.
    """
    lines = (offers.images, offers.sizes, offers.clusters)
    tried: tuple[Mapping[str, str], ...]
    tried = (given, {k: v for k, v in given.items() if k == "image"}, {})
    best = next((it for some in tried for it in _fitting(offers, some)), None)
    names = best or tuple(_first(it).name for it in lines)
    return {
        **dict(zip(FIELDS, names, strict=False)),
        "opens": _first(offers.openings).name,
        "packages": WITH,
    }


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


def _is_free(field: str, entry: Entry[Item], given: Mapping[str, str]) -> bool:
    """Tell whether a line is offered and is none other than what is given."""
    return entry.is_open and given.get(field, entry.item.name) == entry.item.name


def _first(entries: Sequence[Entry[Item]]) -> Item:
    """Return the first line that this person can have, else the first."""
    return next((it.item for it in entries if it.is_open), entries[0].item)


def _find(
    field: str, values: Mapping[str, str], entries: Sequence[Entry[Item]]
) -> Item | FieldProblem:
    """Find the line that was chosen."""
    value = values[field]
    remedy = "choose one of the list"
    if not any(it.is_open for it in entries):
        remedy = "ask who runs this service for access"
    for entry in entries:
        if entry.item.name == value:
            if entry.is_open:
                return entry.item
            told = entry.reason[:1].lower() + entry.reason[1:].rstrip(".")
            reason = f"“{entry.item.label}” cannot be had ({told})"
            return FieldProblem(field, reason, entry.remedy or remedy)
    return FieldProblem(field, f"“{shortened(value)}” is not offered", remedy)


def _packages(value: str) -> bool | FieldProblem:
    """Read whether the person's own packages stay unseen."""
    if value in {WITH, WITHOUT}:
        return value == WITHOUT
    return FieldProblem(
        "packages",
        f"“{shortened(value)}” says nothing about packages",
        f"tick the box or not; in a link write packages={WITHOUT}",
    )


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
    """Say that no executor fits beside the server."""
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
        f"beside “{size.label}”{others} your quota of "
        f"{offer.quota_words(offers.quota)} has no room for an executor of "
        f"“{cluster.label}”"
    )
    remedy = offer.listed(remedies, "or")
    told = f"choose {remedy}" if remedy else "ask who runs this service for more"
    return [FieldProblem("size", reason, told)]
