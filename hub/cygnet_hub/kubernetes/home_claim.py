"""Whether homes that exist get the size of the settings.

A decision without side effects: claims and storage classes as the API has them in,
what is to be requested out. A home grows where its storage class lets it, and is never
made smaller.
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cygnet_hub.kubernetes import quantity
from cygnet_hub.kubernetes.manifest import Manifest, get
from cygnet_hub.kubernetes.preflight import DEFAULT_CLASS, Item

BOUND = "Bound"
"""The phase of a claim that has its volume."""
KEPT = "a home is never made smaller"
"""Why one that is larger than the settings say stays so."""
ASKED = "it was asked to grow, and has not yet"
"""Why one whose claim requests the size already is smaller: its driver is not done."""
_UNKNOWN = "unknown"


class Fate(StrEnum):
    """What becomes of homes that have another size than the settings say."""

    GROWS = "to grow when the owner starts a server"
    ASKED = "asked to grow, and not grown yet"
    LARGER = "larger, and kept so"
    STUCK = "smaller, and not able to grow"


@dataclass(frozen=True, slots=True)
class Growth:
    """What becomes of one home."""

    before: str
    """The storage that its claim requests."""
    reason: str = ""
    """Why it keeps that although the settings say another size."""

    @property
    def is_wanted(self) -> bool:
        """Whether the size of the settings is to be requested."""
        return not self.reason


def growth(
    claim: Mapping[str, object], size: str, storage_class: Mapping[str, object] | None
) -> Growth | None:
    """Decide whether a home grows.

    Parameters
    ----------
    claim
        As the API has it.
    storage_class
        The claim's; ``None`` when it is not known.

    Returns
    -------
    Growth or None
        ``None`` when the home has that size already.
    """
    before = requested(claim)
    if not before:
        return None
    if quantity.parse(before) == quantity.parse(size):
        return _unfinished(claim, size)
    if quantity.parse(before) > quantity.parse(size):
        return Growth(before, KEPT)
    if get(claim, "status", "phase") != BOUND:
        return Growth(before, "it has no volume yet")
    if not lets_grow(storage_class or {}):
        name = get(claim, "spec", "storageClassName") or _UNKNOWN
        return Growth(before, f"the storage class {name} has no allowVolumeExpansion")
    return Growth(before)


def request(claim: Mapping[str, object], size: str) -> Manifest:
    """Write what is applied to enlarge a home.

    Parameters
    ----------
    claim
        As the API has it.

    Returns
    -------
    Manifest
        Refused by the API when the claim was changed since it was read: it
        could have become larger than this.
    """
    names = ("name", "namespace", "resourceVersion")
    metadata = {it: get(claim, "metadata", it) for it in names}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {key: value for key, value in metadata.items() if value},
        "spec": {"resources": {"requests": {"storage": size}}},
    }


def requested(claim: Mapping[str, object]) -> str:
    """Return the storage that a claim requests.

    Parameters
    ----------
    claim
        As the API has it.

    Returns
    -------
    str
        An amount; empty when it says none.
    """
    return str(get(claim, "spec", "resources", "requests", "storage") or "")


def lets_grow(storage_class: Mapping[str, object]) -> bool:
    """Return whether volumes of a storage class can be enlarged.

    Parameters
    ----------
    storage_class
        As the API has it.

    Returns
    -------
    bool
        What its administrator says; whether the driver can is known only afterwards.
    """
    return storage_class.get("allowVolumeExpansion") is True


def judge(
    claims: Sequence[Mapping[str, object]],
    classes: Sequence[Mapping[str, object]],
    size: str,
    wanted_class: str,
) -> Item:
    """Judge, for the preflight, whether all homes get the size of the settings.

    Parameters
    ----------
    wanted_class
        The storage class of the settings; empty for the default one.

    Returns
    -------
    Item
        A note when a home that should grow cannot: it works as before.
    """
    known = {str(get(it, "metadata", "name")): it for it in classes}
    named = known.get(wanted_class) if wanted_class else None
    future = named or next(filter(_is_default, classes), {})
    fates = [_fate(it, size, known) for it in claims]
    said = [f"{len(claims)} in all" if claims else "none yet"]
    said += [f"{it}: {n}" for it, n in Counter(fates).items() if it is not None]
    stuck = [c for c, it in zip(claims, fates, strict=True) if it is Fate.STUCK]
    lacking = {str(get(it, "spec", "storageClassName")) for it in stuck}
    if not lets_grow(future):
        said.append("a larger config.storage.size will not reach those that exist")
    return Item(
        f"homes of {size}",
        is_good=True,
        fact="; ".join(said),
        consequence="These keep the size that they have, as their storage class has no "
        f"allowVolumeExpansion ({', '.join(sorted(lacking))}). Set it to true "
        "if the driver can enlarge volumes."
        if stuck
        else "",
        is_note=bool(stuck),
    )


def _unfinished(claim: Mapping[str, object], size: str) -> Growth | None:
    """Say what became of an enlargement that the API has accepted."""
    has = str(get(claim, "status", "capacity", "storage") or "")
    if not has or quantity.parse(has) >= quantity.parse(size):
        return None
    conditions = get(claim, "status", "conditions")
    listed = conditions if isinstance(conditions, list) else []
    said = "; ".join(
        f"{get(it, 'type')}: {get(it, 'message') or 'no reason given'}" for it in listed
    )
    return Growth(has, f"{ASKED} ({said})" if said else ASKED)


def _fate(
    claim: Mapping[str, object], size: str, known: Mapping[str, Mapping[str, object]]
) -> Fate | None:
    """Say what becomes of one home at the next start; ``None`` if nothing does."""
    own = known.get(str(get(claim, "spec", "storageClassName")))
    found = growth(claim, size, own)
    if found is None:
        return None
    if found.reason == KEPT:
        return Fate.LARGER
    if found.reason.startswith(ASKED):
        return Fate.ASKED
    return Fate.GROWS if lets_grow(own or {}) else Fate.STUCK


def _is_default(storage_class: Mapping[str, object]) -> bool:
    """Return whether claims without a class get this one."""
    notes = get(storage_class, "metadata", "annotations", DEFAULT_CLASS)
    return notes == "true"
