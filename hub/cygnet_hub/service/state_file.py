"""The record of a service that was started.

The record is written when the service runs and removed when it has been stopped,
so a record without its processes says that something died.
"""

import contextlib
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from cygnet_hub import private_file
from cygnet_hub.local.process_tree import Identity


class Record(BaseModel):
    """A service that was started and not stopped."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True
    )

    hub: Identity = Field(description="The hub's process.")
    proxy: Identity | None = Field(description="The proxy's process.")
    servers: tuple[Identity, ...] = Field(
        default=(), description="Notebook servers, as last seen."
    )
    port: int = Field(description="Where the browser reaches the service.")
    root_dir: Path = Field(description="The directory that JupyterLab shows.")
    started: AwareDatetime = Field(description="When the service was started.")
    hub_exit: int | None = Field(
        default=None,
        description="How the hub ended, if `cygnet up` watched: its exit code, or "
        "the negative number of a signal.",
    )


def read(file: Path) -> Record | None:
    """Return the record; ``None`` for none, or for an unknown version's."""
    try:
        return Record.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def write(file: Path, record: Record) -> None:
    """Replace the record."""
    text = record.model_dump_json(by_alias=True, indent=1)
    private_file.write(file, text + "\n")


def forget(file: Path) -> None:
    """Remove the record: nothing runs."""
    with contextlib.suppress(OSError):
        file.unlink()


def now() -> datetime:
    """Return this moment in the local time zone, for `Record.started`."""
    return datetime.now().astimezone()
