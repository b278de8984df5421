"""The service's settings: what the hub and the operator put into its environment."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from cygnet_share.errors import SettingsError
from cygnet_share.retention import Retention
from cygnet_share.snapshot_rule import Limits

_PACE = timedelta(seconds=1)


class OperatorSettings(BaseModel):
    """What the operator decides about shares; it holds no secret."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    several: bool = Field(
        default=True,
        description="Whether several people use the service; false on one machine.",
    )
    everyone: bool = Field(
        default=True,
        description="Whether a share may be for everyone who can log in.",
    )
    list_names: bool = Field(
        default=True,
        description="Whether people may look up names and groups by their beginning.",
    )
    quota: int = Field(
        default=10 * 10**9,
        ge=10**6,
        description="The bytes that all shares of a person may need, in all versions.",
    )
    keep_deleted_days: int = Field(
        default=30,
        ge=0,
        description="The days for which shares of a removed account can be read.",
    )
    keep_all_days: int = Field(
        default=1, ge=0, description="The days for which each version is kept."
    )
    keep_hourly_days: int = Field(
        default=7,
        ge=0,
        description="The days for which the last version of each hour is kept.",
    )
    keep_daily_days: int = Field(
        default=90,
        ge=0,
        description="The days for which the last version of each day is kept.",
    )
    audit_days: int = Field(
        default=365,
        ge=1,
        description="The days for which it is noted who did what to which share.",
    )
    object_store: str = Field(
        default="",
        description="The URL of a bucket for files; empty for the directory.",
    )

    @property
    def retention(self) -> Retention:
        """How long versions are kept."""
        return Retention(
            all=timedelta(days=self.keep_all_days),
            hourly=timedelta(days=self.keep_hourly_days),
            daily=timedelta(days=self.keep_daily_days),
        )


class Place(BaseModel):
    """Where the service keeps what it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path
    """The chunks, and the database where no URL is given."""

    database_url: str = ""
    """Of SQLAlchemy's form, for PostgreSQL; empty for a file in the directory."""

    operator: OperatorSettings = OperatorSettings()
    """What the operator decides."""

    @property
    def url(self) -> str:
        """The database."""
        return self.database_url or f"sqlite:///{self.directory}/share.sqlite"


class Settings(Place):
    """What the service is started with."""

    address: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    prefix: str = "/services/share/"
    """Where the proxy has it, with a slash at both ends."""

    public_url: str = ""
    """Where browsers find it, with a slash at its end; empty for the prefix."""

    fresh_seconds: float = 15
    """How long an answer of the hub counts: a lost group or login counts after it."""

    limits: Limits = Limits()
    """The bounds of a share."""

    @property
    def pages(self) -> str:
        """Where browsers find the pages."""
        return self.public_url or self.prefix


def place_from_environment() -> Place:
    """Read where the service keeps what it has.

    Raises
    ------
    SettingsError
        When the environment does not say it.
    """
    if "CYGNET_SHARE_DIR" not in os.environ:
        message = (
            "CYGNET_SHARE_DIR is not set. Set it to the directory of the sharing "
            "service."
        )
        raise SettingsError(message)
    chosen = os.environ.get("CYGNET_SHARE_SETTINGS", "")
    return Place(
        directory=Path(os.environ["CYGNET_SHARE_DIR"]),
        database_url=os.environ.get("CYGNET_SHARE_DATABASE_URL", ""),
        operator=(
            OperatorSettings.model_validate_json(Path(chosen).read_bytes())
            if chosen
            else OperatorSettings()
        ),
    )


def from_environment() -> Settings:
    """Read the settings.

    Notes
    -----
    JupyterHub gives a managed service `JUPYTERHUB_SERVICE_URL`,
    `JUPYTERHUB_SERVICE_PREFIX` and, where it knows, `JUPYTERHUB_PUBLIC_URL`.
    """
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    kept = place_from_environment()
    return Settings(
        **dict(kept),
        fresh_seconds=float(os.environ.get("CYGNET_SHARE_FRESH_SECONDS", "15")),
        address=place.hostname or "127.0.0.1",
        port=place.port or 80,
        prefix=os.environ["JUPYTERHUB_SERVICE_PREFIX"],
        public_url=os.environ.get("JUPYTERHUB_PUBLIC_URL", ""),
        limits=Limits(max_person_bytes=kept.operator.quota, pace=_PACE),
    )
