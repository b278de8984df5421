"""Writes what a plan says, and touches nothing that is not as it was looked at.

What is new lies whole in its part before anything changes. A file is replaced in one
step, and what it displaces is looked at afterwards: a save of the user that has come
in between is put back, and nothing is lost.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cygnet_share.path_rule import parents, reason_against
from cygnet_share.tree import File

from cygnet_lab.share import swap
from cygnet_lab.share.errors import BlockedError, ChangedError
from cygnet_lab.share.folder import Folder, Signature
from cygnet_lab.share.plan import Plan
from cygnet_lab.share.saving import Hold, free
from cygnet_lab.share.transfer import PARTS, part_name

READ_ONLY, WRITABLE = 0o444, 0o644
_EXECUTABLE = 0o111


class Writer:
    """Changes one folder.

    Parameters
    ----------
    folder
        The folder.
    signatures
        Of its files, as they were when the plan was made.
    mode
        The permissions of what it writes.
    hold
        Keeps others from a file while it is changed.
    """

    def __init__(
        self,
        folder: Folder,
        signatures: Mapping[str, Signature],
        mode: int,
        hold: Hold = free,
    ) -> None:
        self._folder = folder
        self._signatures = dict(signatures)
        self._mode = mode
        self._hold = hold
        self._touched: set[str] = set()

    def apply(self, plan: Plan) -> None:
        """Do what a plan says, whose files lie in their parts.

        Raises
        ------
        ChangedError
            When the folder is not as the scan found it; scan again.
        BlockedError
            When something stands in the way, or a name must not be written.
        OSError
            When the disk refuses.
        """
        with self._folder.below(PARTS, make=True) as parts:
            for path in plan.removals:
                self._remove(parts, path)
            for path, place in plan.moves.items():
                self._move(path, place)
            for path in plan.emptied:
                self._leave(path)
            for path, file in plan.puts.items():
                self._put(parts, path, file)
            for path in plan.folders:
                _check(path)
                with self._folder.below(path, make=True):
                    self._note(path)
        self._synchronise()

    def set_mode(self, path: str, file: File) -> None:
        """Give a file that is there the permissions that it would be written with."""
        with self._folder.reading(path) as handle:
            os.fchmod(handle, self._permissions(file))

    def _synchronise(self) -> None:
        """Write what the changed folders list to the disk."""
        for path in self._touched:
            # Some were removed on the way, and files stand there.
            with (
                suppress(FileNotFoundError, BlockedError),
                self._folder.below(path) as inner,
            ):
                os.fsync(inner.handle)

    def _permissions(self, file: File) -> int:
        """Give the permissions of a file."""
        return self._mode | _EXECUTABLE if file.executable else self._mode

    def _remove(self, parts: Folder, path: str) -> None:
        """Remove a file that is as it was looked at."""
        with self._hold(path), self._folder.parent(path) as (handle, name):
            self._expect(path, handle, name)
            aside = (parts.handle, f"removed-{os.urandom(8).hex()}")
            swap.move((handle, name), aside)
            if _signature(*aside) != self._signatures.pop(path):
                swap.move(aside, (handle, name))
                raise ChangedError(path)
            os.unlink(aside[1], dir_fd=parts.handle)
        self._note(path)

    def _move(self, path: str, place: str) -> None:
        """Rename a file of the user's own."""
        _check(place)
        with (
            self._hold(path),
            self._folder.parent(path) as (handle, name),
            self._folder.parent(place, make=True) as (other, free),
        ):
            try:
                swap.move((handle, name), (other, free))
            except (FileExistsError, FileNotFoundError):
                raise ChangedError(path) from None
        self._signatures.pop(path, None)
        self._note(path)
        self._note(place)

    def _leave(self, path: str) -> None:
        """Remove a folder in which nothing is left."""
        with suppress(OSError), self._folder.parent(path) as (handle, name):
            os.rmdir(name, dir_fd=handle)
            self._note(path)

    def _put(self, parts: Folder, path: str, file: File) -> None:
        """Let a part be the file."""
        _check(path)
        part = (parts.handle, part_name(path, file))
        with (
            self._hold(path),
            self._folder.parent(path, make=True) as (handle, name),
        ):
            target = (handle, name)
            os.chmod(part[1], self._permissions(file), dir_fd=part[0])
            if path not in self._signatures:
                self._create(path, part, target)
            else:
                self._replace(path, part, target)
        self._note(path)

    def _create(
        self, path: str, part: tuple[int, str], target: tuple[int, str]
    ) -> None:
        """Let a part be a file where nothing stands."""
        try:
            swap.move(part, target)
        except FileExistsError:
            status = os.stat(target[1], dir_fd=target[0], follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                raise ChangedError(path) from None
            reason = "is in the way of a file of the share"
            raise BlockedError(path, reason) from None

    def _replace(
        self, path: str, part: tuple[int, str], target: tuple[int, str]
    ) -> None:
        """Let a part be a file in the place of one that is as it was looked at."""
        self._expect(path, *target)
        if not swap.exchange(part, target):
            os.rename(part[1], target[1], src_dir_fd=part[0], dst_dir_fd=target[0])
            return
        if _signature(*part) != self._signatures[path]:
            swap.exchange(part, target)
            raise ChangedError(path)
        os.unlink(part[1], dir_fd=part[0])

    def _expect(self, path: str, handle: int, name: str) -> None:
        """Refuse where a file is not as it was looked at."""
        if _signature(handle, name) != self._signatures.get(path):
            raise ChangedError(path)

    def _note(self, path: str) -> None:
        """Note that what a folder lists has changed."""
        self._touched.add(["", *parents(path)][-1])


def leave(root: Path, place: str) -> None:
    """Remove a folder in which nothing is left, and the one above it, too."""
    with Folder.open(root, "") as top:
        above = place.rpartition("/")[0]
        for path in (place, above) if above else (place,):
            with suppress(OSError), top.parent(path) as (handle, name):
                os.rmdir(name, dir_fd=handle)


def _signature(handle: int, name: str) -> Signature | None:
    """Look at a regular file; None where there is none."""
    try:
        status = os.stat(name, dir_fd=handle, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Signature.of(status) if stat.S_ISREG(status.st_mode) else None


def _check(path: str) -> None:
    """Refuse a name that must not be written, whatever the plan says."""
    reason = reason_against(path)
    if reason is not None:
        raise BlockedError(path, reason)
