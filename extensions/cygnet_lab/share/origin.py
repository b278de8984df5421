"""The small file in a copy of a share that says where it came from.

What it says was written by the share's owner, and is only shown.
"""

import os
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cygnet_lab.share.errors import BlockedError
from cygnet_lab.share.folder import Folder

NAME = ".cygnet-copy.json"
"""The file; a hidden one is never shared."""

PENDING = f"{NAME}.part"
"""The same while the copy is not whole."""

_MAX_BYTES = 2**16
_MODE = 0o600


class Origin(BaseModel):
    """Where a copy came from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    share: int
    seq: int
    """The version."""

    title: Annotated[str, Field(max_length=500)]
    owner: Annotated[str, Field(max_length=500)]
    at: datetime
    """When it was copied."""

    def is_of(self, other: "Origin") -> bool:
        """Return whether two copies are of one version of a share."""
        return (self.share, self.seq) == (other.share, other.seq)


def read(folder: Folder, name: str = NAME) -> Origin | None:
    """Read where a folder came from; None where it does not say so."""
    try:
        with folder.reading(name) as file:
            return Origin.model_validate_json(os.pread(file, _MAX_BYTES, 0))
    except (OSError, BlockedError, ValidationError):
        return None


def begin(folder: Folder, origin: Origin) -> None:
    """Say of a folder that it becomes a copy."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(PENDING, flags, _MODE, dir_fd=folder.handle)
    with os.fdopen(file, "wb") as part:
        part.write(origin.model_dump_json().encode())
        part.flush()
        os.fsync(part.fileno())


def end(folder: Folder) -> None:
    """Say of a folder that the copy is whole."""
    os.rename(PENDING, NAME, src_dir_fd=folder.handle, dst_dir_fd=folder.handle)
    os.fsync(folder.handle)
