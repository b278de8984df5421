"""The chart's values of the sharing service, whose pod `<release>-share` is.

What people may do there goes to the service as a file; the rest is for templates.
"""

from typing import Annotated

from pydantic import Field

from cygnet_hub.kubernetes.settings import Placement
from cygnet_hub.scalar import ObjectName, Quantity
from cygnet_hub.settings_model import SettingsModel

Days = Annotated[int, Field(ge=0, le=3650)]
"""A number of days, at most ten years."""
_STORE = r"^((s3|gs|az)://[^/?#@\s]+(/[^?#\s]*)?)?$"


class ShareStorage(SettingsModel):
    """The volume with what is shared, for what no other store is named."""

    size: Quantity = Field(default="20Gi", description="How large it is made.")
    storage_class: ObjectName = Field(
        default="", description="Its storage class; the cluster's default when empty."
    )
    existing_claim: ObjectName = Field(
        default="", description="A volume claim that is there already."
    )


class Sharing(SettingsModel):
    """Shared folders and versions: the sharing service."""

    enabled: bool = Field(
        default=True,
        description="Run it. Without it nothing of sharing is shown to users, and what "
        "was shared stays on its volume.",
    )
    everyone: bool = Field(
        default=True,
        description="Whether users may share with all who can log in.",
    )
    list_names: bool = Field(
        default=True,
        description="Whether users may look up names of others, from two letters on. "
        "Without it they have to know a name to share with that user.",
    )
    quota: Quantity = Field(
        default="10G", description="How much each user may keep there."
    )
    keep_deleted_days: Days = Field(
        default=30,
        description="How long the shares of an account that was deleted stay readable.",
    )
    keep_all_days: Days = Field(
        default=1, description="For how many days each version is kept."
    )
    keep_hourly_days: Days = Field(
        default=7,
        description="For how many days the last version of each hour is kept.",
    )
    keep_daily_days: Days = Field(
        default=90,
        description="For how many days the last version of each day is kept; the "
        "newest one, and those with a name, always are.",
    )
    audit_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=365,
        description="For how many days it is noted who did what to which share.",
    )
    object_store: Annotated[str, Field(pattern=_STORE)] = Field(
        default="",
        description="A bucket for contents in place of the volume, e.g. "
        "`s3://bucket/folder`.",
    )
    object_store_secret: ObjectName = Field(
        default="",
        description="A Secret of this namespace with what that store needs, as "
        "variables of the pod, e.g. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.",
    )
    storage: ShareStorage = ShareStorage()
    resources: dict[str, object] = Field(
        default={
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"memory": "2Gi"},
        },
        description="Its resources, as Kubernetes writes them. Each of the two pages "
        "of files that it makes at a time may take 512 MiB.",
    )
    placement: Placement = Placement()
    pod_disruption_budget: bool = Field(
        default=False,
        description="Block node drains until it is moved (PodDisruptionBudget).",
    )
