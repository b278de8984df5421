"""What a folder on the disk holds, read again only where it may have changed."""

import hashlib
import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from cygnet_share import path_rule
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import CHUNK_BYTES, EmptyFolder, Entry, File, Tree, patched

from cygnet_lab.share.errors import BlockedError, TooLargeError
from cygnet_lab.share.folder import (
    DIRECTORY,
    OWN,
    SETTLED_NS,
    Folder,
    Signature,
    opened_file,
)

LIMITS = Limits()
"""What is read at most; the service has bounds of its own."""

SHORTEST = timedelta(seconds=2)
"""The time between two scans, at least."""

SOON = timedelta(seconds=0.25)
"""The time to the next scan where a file was being written."""

QUIET = timedelta(seconds=0.2)
"""How old a change is before it is read: a save empties a file before it fills it."""

SHARE_OF_CORE = 50
"""Scans may take one part of so many of a core's time."""

SHARE_OF_DISK = 3
"""And one part of so many of the time of a slow disk."""

# A log that is written all the time is read at last, as it is then.
_MOST_WAITS = 10

# Folders and what is left out are looked at, too.
_NAMES_PER_ENTRY = 2


@dataclass(frozen=True, slots=True)
class Scan:
    """A folder as it was read."""

    entries: Tree

    signatures: Mapping[str, Signature]
    """Of each file in `entries`."""

    left_out: Mapping[str, str]
    """Path to reason, the end of a sentence; a folder stands for what is in it."""

    unsettled: frozenset[str]
    """Files that changed while they were read; the next scan has them."""

    def without(self, paths: Collection[str], reason: str) -> "Scan":
        """Leave out some of what was read."""
        here = self.entries.keys() & paths
        files = {it for it in here if isinstance(self.entries[it], File)}
        kept = {path: it for path, it in self.entries.items() if path not in here}
        left_out = {**dict.fromkeys(files, reason), **self.left_out}
        return replace(self, entries=kept, left_out=left_out)

    def is_hidden(self, path: str) -> bool:
        """Whether something may stand at a path that was not read."""
        whole = (*path_rule.parents(path), path)
        return path in self.unsettled or not self.left_out.keys().isdisjoint(whole)


def counted(scan: Scan, base: Tree) -> tuple[Tree, Mapping[str, str]]:
    """Give what a folder holds as far as it can be shared.

    Parameters
    ----------
    scan
        The folder.
    base
        What it was made of: what was not read counts as it is there, so that an
        unreadable file is not taken for a deleted one.

    Returns
    -------
    tuple of tree and mapping
        And what is left out, with the reason.
    """
    kept = {
        path: entry
        for path, entry in base.items()
        if path not in scan.entries and scan.is_hidden(path)
    }
    tree = dict(patched(scan.entries, kept))
    left_out = dict(scan.left_out)
    for one, other in sorted(path_rule.clashes(tree)):
        stays, goes = (other, one) if _stands(other, base) else (one, other)
        if not left_out.keys().isdisjoint(path_rule.parents(goes)):
            continue
        left_out[goes] = f"cannot stand next to “{stays}” on every file system"
        for path in [it for it in tree if it == goes or it.startswith(f"{goes}/")]:
            del tree[path]
    return tree, left_out


def _stands(path: str, tree: Tree) -> bool:
    """Return whether a file or folder is in a tree."""
    return any(it == path or it.startswith(f"{path}/") for it in tree)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when it was read."""

    signature: Signature
    chunks: tuple[str, ...]
    is_settled: bool
    """Whether a change after the reading has another signature for certain."""


class Scanner:
    """Scans one folder again and again.

    Parameters
    ----------
    limits
        What is read at most.
    quiet
        How old a change is before it is read.
    """

    def __init__(self, limits: Limits = LIMITS, quiet: timedelta = QUIET) -> None:
        self._limits = limits
        self._quiet_ns = int(quiet.total_seconds() * 10**9)
        self._seen: Mapping[str, _Seen] = {}
        self._waits: Mapping[str, int] = {}
        self._pause = SHORTEST

    @property
    def pause(self) -> timedelta:
        """How long to wait until the next scan."""
        return self._pause

    def scan(self, folder: Folder) -> Scan:
        """Read the folder.

        Raises
        ------
        TooLargeError
            When it holds more than the limits allow.
        """
        patient = {it for it, count in self._waits.items() if count > _MOST_WAITS}
        walk = _Walk(self._seen, self._limits, self._quiet_ns, patient)
        start = time.monotonic(), time.thread_time()
        with folder.below("") as top:
            walk.read(top.handle, "", os.fstat(top.handle).st_dev)
        self._seen = walk.seen
        took = SHARE_OF_DISK * (time.monotonic() - start[0])
        used = SHARE_OF_CORE * (time.thread_time() - start[1])
        self._waits = {it: self._waits.get(it, 0) + 1 for it in walk.unsettled}
        least = SOON if walk.unsettled else SHORTEST
        self._pause = max(least, timedelta(seconds=max(took, used)))
        return Scan(
            walk.entries,
            {path: it.signature for path, it in walk.seen.items()},
            walk.left_out,
            frozenset(walk.unsettled),
        )


class _Walk:
    """One scan.

    Parameters
    ----------
    before
        The files of the scan before.
    limits
        What is read at most.
    quiet_ns
        How old a change is before it is read.
    waited
        Files that are read whatever the age of their changes.
    """

    def __init__(
        self,
        before: Mapping[str, _Seen],
        limits: Limits,
        quiet_ns: int,
        waited: Collection[str],
    ) -> None:
        self._before = before
        self._limits = limits
        self._quiet_ns = quiet_ns
        self._waited = waited
        self._now = time.time_ns()
        self.entries: dict[str, Entry] = {}
        self.seen: dict[str, _Seen] = {}
        self.left_out: dict[str, str] = {}
        self.unsettled: set[str] = set()
        self._bytes = 0
        self._names = 0

    def read(self, handle: int, prefix: str, device: int) -> None:
        """Read an open folder and what is below it."""
        is_empty = True
        for entry in self._listed(handle):
            is_empty = False
            path = prefix + entry.name
            if path == OWN:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
                reason = _reason_against(path, status, device, self._limits)
                if reason is not None:
                    self.left_out[_readable(path)] = reason
                elif stat.S_ISDIR(status.st_mode):
                    self._folder(handle, entry.name, path, device)
                else:
                    self._file(handle, entry.name, path, status)
            except FileNotFoundError:
                continue
            except BlockedError:
                self.unsettled.add(path)
            except OSError as error:
                self.left_out[path] = f"cannot be read ({error.strerror})"
        if is_empty and prefix:
            self.entries[prefix[:-1]] = EmptyFolder()

    def _listed(self, handle: int) -> Sequence["os.DirEntry[str]"]:
        """List an open folder by name, within the bounds."""
        with os.scandir(handle) as found:
            most = _NAMES_PER_ENTRY * self._limits.max_entries
            entries = list(islice(found, most + 1 - self._names))
        self._names += len(entries)
        if self._names > most or len(self.entries) > self._limits.max_entries:
            raise TooLargeError(self._limits.max_entries, self._limits.max_bytes)
        return sorted(entries, key=lambda it: it.name)

    def _folder(self, handle: int, name: str, path: str, device: int) -> None:
        """Read a folder in an open one."""
        inner = os.open(name, DIRECTORY, dir_fd=handle)
        try:
            if _is_share(inner):
                self.left_out[path] = "is another shared folder"
                return
            self.read(inner, f"{path}/", device)
        finally:
            os.close(inner)

    def _file(self, handle: int, name: str, path: str, status: os.stat_result) -> None:
        """Note a file, and read it where it may have changed."""
        self._bytes += status.st_size
        if self._bytes > self._limits.max_bytes:
            raise TooLargeError(self._limits.max_entries, self._limits.max_bytes)
        seen = self._before.get(path)
        if (
            seen is None
            or not seen.is_settled
            or seen.signature != Signature.of(status)
        ):
            seen = None if self._is_hot(path, status) else _read(handle, name, status)
        if seen is None:
            self.unsettled.add(path)
            return
        self.seen[path] = seen
        executable = bool(status.st_mode & stat.S_IXUSR)
        self.entries[path] = File(seen.signature.size, seen.chunks, executable)

    def _is_hot(self, path: str, status: os.stat_result) -> bool:
        """Return whether a file has been written just now, and waits for quiet."""
        age = self._now - status.st_mtime_ns
        # A time to come is of another clock.
        return 0 <= age < self._quiet_ns and path not in self._waited


def _is_share(handle: int) -> bool:
    """Return whether an open folder follows a share, or has been made to."""
    try:
        os.stat(OWN, dir_fd=handle, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _read(handle: int, name: str, status: os.stat_result) -> _Seen | None:
    """Read a file, or give None when it changed meanwhile."""
    signature, now = Signature.of(status), time.time_ns()
    with opened_file(handle, name) as file:
        if Signature.of(os.fstat(file)) != signature:
            return None
        chunks = tuple(digests(file))
        if Signature.of(os.fstat(file)) != signature:
            return None
    return _Seen(signature, chunks, signature.mtime_ns + SETTLED_NS < now)


def digests(file: int) -> Iterator[str]:
    """Give the SHA-256 of each chunk of an open file."""
    offset = 0
    while data := os.pread(file, CHUNK_BYTES, offset):
        yield hashlib.sha256(data).hexdigest()
        offset += len(data)


def _reason_against(
    path: str, status: os.stat_result, device: int, limits: Limits
) -> str | None:
    """Say why something is not shared, as the end of a sentence."""
    reason = path_rule.reason_against(path)
    if reason is not None:
        return reason
    if status.st_dev != device:
        return "is on another disk"
    if stat.S_ISLNK(status.st_mode):
        return "is a link"
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        return "is no file, but a device, a pipe or a socket"
    if stat.S_ISREG(status.st_mode) and status.st_size > limits.max_file_bytes:
        return f"is larger than {limits.max_file_bytes / 10**9:.0f} GB"
    return None


def _readable(path: str) -> str:
    """Give a path as text that can be shown and sent."""
    return os.fsencode(path).decode(errors="replace")
