"""The file in a folder that says which share it follows, and what it last held.

A folder without it, or with that of another share, is neither sent nor changed: it is
missing, emptied, or another one at the same place.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from cygnet_share.api_model import EntryBody, tree_json
from cygnet_share.tree import EMPTY, Entry, Tree
from pydantic import BaseModel, ConfigDict, ValidationError

from cygnet_lab.share import conflict, turn
from cygnet_lab.share.errors import BlockedError, MarkerError
from cygnet_lab.share.folder import OWN, SETTLED_NS, Folder, Signature

_NAME = "share.json"
_PART = "share.json.part"
_MAX_BYTES = 64 * 2**20
# Nothing of the user's groups: the marker is for the user's own server.
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Base:
    """A snapshot that a folder was made of."""

    seq: int = 0
    """0 before there is one."""

    tree: Tree = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a folder says of itself."""

    share: int

    database: str
    """The id of the service's database: share 1 of another one is another share."""

    generation: str
    """That of the database: version 9 of another one is another version."""

    is_mine: bool
    """Whether the share is the user's own."""

    right: Literal["view", "edit", "own"]
    """What the user last could do."""

    base: Base

    coming: Tree = field(default_factory=lambda: EMPTY)
    """Files that were about to be written: some are there when a write was cut off."""

    sending: Mapping[str, Entry | None] | None = None
    """What was about to be published, until the service's answer is known."""

    private: frozenset[str] = frozenset()
    """What the user had here while they could only view: it is not sent."""

    made_in: tuple[int, int] | None = None
    """Device and inode of the hidden folder: `mv` keeps them, and copies have others.

    `write` sets them."""

    def written(self, mine: Tree) -> Tree:
        """Give what the share has written of what a folder holds."""
        come = {path: it for path, it in self.coming.items() if mine.get(path) == it}
        return {**self.base.tree, **come}


class _Body(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid")

    share: int
    database: str
    generation: str
    is_mine: bool
    right: Literal["view", "edit", "own"]
    seq: int
    entries: dict[str, EntryBody]
    coming: dict[str, EntryBody] = {}
    sending: dict[str, EntryBody | None] | None = None
    private: frozenset[str] = frozenset()
    made_in: tuple[int, int] | None = None


class Reader:
    """Reads the marker of one folder, again only where it has changed."""

    def __init__(self) -> None:
        self._known: tuple[Signature, Marker] | None = None

    def read(self, folder: Folder, share: int, database: str, place: str) -> Marker:
        """Read the marker.

        Parameters
        ----------
        folder
            The folder.
        share, database
            The share that it should be of.
        place
            Its name, for a message.

        Raises
        ------
        MarkerError
            When it has none, or that of another share.
        """
        found = self.read_any(folder, place)
        if found.database != database:
            reason = "belongs to a share that the sharing service has lost"
            raise MarkerError(place, reason, is_another=True)
        if found.share != share:
            raise MarkerError(place, "belongs to another share", is_another=True)
        return found

    def read_any(self, folder: Folder, place: str) -> Marker:
        """Read the marker of any share; MarkerError when there is none."""
        try:
            with folder.reading(f"{OWN}/{_NAME}") as file:
                signature, now = Signature.of(os.fstat(file)), time.time_ns()
                if self._known is not None and self._known[0] == signature:
                    return self._known[1]
                found = _parsed(os.pread(file, _MAX_BYTES, 0))
        except (OSError, BlockedError, ValidationError):
            raise MarkerError(place, "does not say which share it belongs to") from None
        # A younger one may be replaced by one of the same length, time and inode.
        is_settled = signature.mtime_ns + SETTLED_NS < now
        self._known = (signature, found) if is_settled else None
        return found


def _parsed(data: bytes) -> Marker:
    """Read the bytes of a marker."""
    body = _Body.model_validate_json(data)
    entries = {path: it.entry() for path, it in body.entries.items()}
    coming = {path: it.entry() for path, it in body.coming.items()}
    sending = body.sending
    return Marker(
        body.share,
        body.database,
        body.generation,
        body.is_mine,
        body.right,
        Base(body.seq, entries),
        coming,
        None
        if sending is None
        else {path: it.entry() if it else None for path, it in sending.items()},
        body.private,
        body.made_in,
    )


def is_original(folder: Folder, marker: Marker) -> bool:
    """Return whether a marker was written where it is, or moved there whole."""
    try:
        with folder.below(OWN) as own:
            return _identity(own) == marker.made_in
    except (OSError, BlockedError):
        return False


def _identity(own: Folder) -> tuple[int, int]:
    """Give device and inode of an open folder."""
    status = os.fstat(own.handle)
    return status.st_dev, status.st_ino


def write(folder: Folder, marker: Marker) -> None:
    """Write the marker of a folder, whole or not at all."""
    body: dict[str, object] = {
        "share": marker.share,
        "database": marker.database,
        "generation": marker.generation,
        "is_mine": marker.is_mine,
        "right": marker.right,
        "seq": marker.base.seq,
        "entries": tree_json(marker.base.tree),
        "coming": tree_json(marker.coming),
        "sending": _sending_json(marker.sending),
        "private": sorted(marker.private),
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with folder.below(OWN, make=True) as own:
        body["made_in"] = _identity(own)
        file = os.open(_PART, flags, _MODE, dir_fd=own.handle)
        with os.fdopen(file, "wb") as part:
            part.write(json.dumps(body).encode())
            part.flush()
            os.fsync(part.fileno())
        os.rename(_PART, _NAME, src_dir_fd=own.handle, dst_dir_fd=own.handle)
        os.fsync(own.handle)


def _sending_json(sending: Mapping[str, Entry | None] | None) -> object:
    """Give what was about to be published as JSON."""
    if sending is None:
        return None
    there = {path: it for path, it in sending.items() if it is not None}
    return dict.fromkeys(sending) | tree_json(there)


def remove(folder: Folder) -> None:
    """Remove the marker: the folder follows nothing any more."""
    with suppress(FileNotFoundError), folder.below(OWN) as own:
        for name in (_NAME, _PART, turn.NAME, *conflict.NAMES):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=own.handle)
    with suppress(OSError):
        os.rmdir(OWN, dir_fd=folder.handle)
