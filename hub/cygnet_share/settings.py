"""The service's settings: what the hub and the operator put into its environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from cygnet_share.snapshot_rule import Limits


class Settings(BaseModel):
    """Where the service keeps what it has, and where it is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path
    """The chunks, and the database where no URL is given."""

    database_url: str = ""
    """Of SQLAlchemy's form, for PostgreSQL; empty for a file in the directory."""

    address: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    prefix: str = "/services/share/"
    """Where the proxy has it, with a slash at both ends."""

    fresh_seconds: float = 15
    """How long an answer of the hub counts: a lost group or login counts after it."""

    limits: Limits = Limits()
    """The bounds of a share."""

    @property
    def url(self) -> str:
        """The database."""
        return self.database_url or f"sqlite:///{self.directory}/share.sqlite"


def from_environment() -> Settings:
    """Read the settings.

    Notes
    -----
    JupyterHub gives a managed service `JUPYTERHUB_SERVICE_URL` and
    `JUPYTERHUB_SERVICE_PREFIX`.
    """
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    return Settings(
        directory=Path(os.environ["CYGNET_SHARE_DIR"]),
        database_url=os.environ.get("CYGNET_SHARE_DATABASE_URL", ""),
        fresh_seconds=float(os.environ.get("CYGNET_SHARE_FRESH_SECONDS", "15")),
        address=place.hostname or "127.0.0.1",
        port=place.port or 80,
        prefix=os.environ["JUPYTERHUB_SERVICE_PREFIX"],
    )
