"""Checks what the sharing service needs, which only several values together show."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cygnet_hub.kubernetes import quantity
from cygnet_hub.kubernetes.chart_sharing import Sharing
from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.kubernetes.values_file import Flaw

STORE_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
)
"""What a Secret of an object store may have; the chart mounts these for the check."""
_LEAST_BYTES = 2**30
_LEAST_QUOTA = 10**6


def flaws(values: Values) -> Iterator[Flaw]:
    """Check amounts, and the ways to what is elsewhere; nothing where it is off."""
    sharing, secrets = values.sharing, values.secrets
    if not sharing.enabled:
        return
    yield from _amounts(sharing)
    has_database = secrets.share_database_url or secrets.share_database_url_from.name
    places = {"database": has_database, "object store": sharing.object_store}
    elsewhere = [name for name, is_there in places.items() if is_there]
    if elsewhere and not values.network_policy.share_egress:
        what = " and ".join(elsewhere)
        reason = f"is needed with the sharing service's {what}"
        remedy = "write the rules that lead there; nothing else is open to it"
        yield Flaw(("networkPolicy", "shareEgress"), reason, remedy)
    if sharing.object_store_secret and not sharing.object_store:
        reason = "is set, and there is no sharing.objectStore"
        yield Flaw(("sharing", "objectStoreSecret"), reason, "name the bucket, too")
    if secrets.share_database_url:
        is_shared = secrets.share_database_url == secrets.database_url
    else:
        is_shared = bool(has_database) and (
            secrets.share_database_url_from == secrets.database_url_from
        )
    if is_shared:
        name = "" if secrets.share_database_url else "From"
        reason = "is the hub's database, and their tables would mix"
        remedy = "make a database for the sharing service"
        yield Flaw(("secrets", f"shareDatabaseUrl{name}"), reason, remedy)


def mounted(sharing: Sharing, directory: Path) -> Iterator[Flaw]:
    """Check that the Secret of the object store is there.

    Parameters
    ----------
    directory
        Where the chart mounts what is there of the Secrets that the values name.
    """
    name = sharing.object_store_secret
    if not (sharing.enabled and name):
        return
    if not any((directory / "store" / it).exists() for it in STORE_KEYS):
        reason = f"there is no Secret {name} with {', '.join(STORE_KEYS)}"
        yield Flaw(
            ("sharing", "objectStoreSecret"),
            reason,
            f"make it with `kubectl create secret generic {name} --from-env-file=FILE`",
        )


def _amounts(sharing: Sharing) -> Iterator[Flaw]:
    """Check memory, volume and quota."""
    limits = sharing.resources.get("limits")
    memory = limits.get("memory") if isinstance(limits, Mapping) else None
    if memory is not None and _bytes(memory) < _LEAST_BYTES:
        reason = f"{memory} is less than two pages of files take, 512 MiB each"
        place = ("sharing", "resources", "limits", "memory")
        yield Flaw(place, reason, "write 1Gi or more")
    if quantity.parse(sharing.quota) < _LEAST_QUOTA:
        number = sharing.quota.rstrip("kKMGTPEim")
        reason = f"{sharing.quota} is less than 1 MB"
        yield Flaw(("sharing", "quota"), reason, f"did you mean {number}G?")
    if quantity.parse(sharing.storage.size) < _LEAST_BYTES:
        reason = f"{sharing.storage.size} is less than 1 GiB"
        yield Flaw(("sharing", "storage", "size"), reason, "write 1Gi or more")


def _bytes(amount: object) -> float:
    """Read an amount; one that Kubernetes refuses is reported where that is known."""
    try:
        return float(quantity.parse(str(amount)))
    except ValueError:
        return _LEAST_BYTES
