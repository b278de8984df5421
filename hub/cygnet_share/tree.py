"""Folders as values: what a snapshot holds, and its name by content.

A `Tree` is flat, path to entry, as merging and comparing want it. It is stored as one
record a folder, named by the SHA-256 of its canonical JSON, so that a change stores the
folders on its path and no other.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from cygnet_share import path_rule
from cygnet_share.errors import TreeError

CHUNK_BYTES = 8 * 2**20
"""The size of each chunk of a file but the last."""


@dataclass(frozen=True, slots=True)
class File:
    """A regular file."""

    size: int
    """In bytes."""

    chunks: tuple[str, ...]
    """The SHA-256 of each chunk in hexadecimal digits, in order."""

    executable: bool = False
    """Whether its owner may execute it."""


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder without entries; other folders follow from the paths in them."""


Entry: TypeAlias = File | EmptyFolder
Tree: TypeAlias = Mapping[str, Entry]
"""Path to entry, in any order."""

EMPTY: Tree = MappingProxyType({})


def records(tree: Tree) -> tuple[str, Mapping[str, bytes]]:
    """Give the stored form of a tree.

    Parameters
    ----------
    tree
        Its paths do not clash (`path_rule.clashes`).

    Returns
    -------
    tuple of str and mapping
        The root's name, and the JSON of each folder by its name.
    """
    made: dict[str, bytes] = {}
    return _record(tree, made), made


def _record(tree: Tree, made: dict[str, bytes]) -> str:
    """Make the records of a folder and of what is below it."""
    below: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
    rows: list[list[object]] = []
    for path, entry in tree.items():
        name, slash, rest = path.partition("/")
        if slash:
            below[name][rest] = entry
        elif isinstance(entry, File):
            chunks = list(entry.chunks)
            rows.append([name, "file", entry.size, chunks, entry.executable])
        else:
            below[name]  # An empty folder is one that is mentioned.
    rows += [[name, "folder", _record(inner, made)] for name, inner in below.items()]
    text = json.dumps(sorted(rows, key=str), ensure_ascii=False, separators=(",", ":"))
    data = text.encode()
    name = hashlib.sha256(data).hexdigest()
    made[name] = data
    return name


def read(root: str, stored: Mapping[str, bytes]) -> Tree:
    """Read a tree from its stored form.

    Parameters
    ----------
    root
        The root's name.
    stored
        The JSON of each folder by its name.

    Raises
    ------
    TreeError
        When a record is missing, or is not what its name says.
    """
    return MappingProxyType(dict(_read(root, stored, "")))


def _read(
    name: str, stored: Mapping[str, bytes], prefix: str
) -> Iterator[tuple[str, Entry]]:
    """Read a folder and what is below it."""
    data = stored.get(name)
    if data is None or hashlib.sha256(data).hexdigest() != name:
        raise TreeError(name)
    for row in json.loads(data):
        path = prefix + row[0]
        if row[1] == "file":
            yield path, File(row[2], tuple(row[3]), executable=row[4])
            continue
        inner = list(_read(row[2], stored, f"{path}/"))
        yield from inner or [(path, EmptyFolder())]


def referred(record: bytes) -> tuple[set[str], set[str]]:
    """Give what a folder's record names: folders, and chunks of its files."""
    rows = json.loads(record)
    folders = {row[2] for row in rows if row[1] == "folder"}
    return folders, {it for row in rows if row[1] == "file" for it in row[3]}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at a path between two trees."""

    path: str
    before: Entry | None
    after: Entry | None


def changes(before: Tree, after: Tree) -> list[Change]:
    """Compare two trees.

    Returns
    -------
    list of Change
        One for each path that differs, in the order of the paths.
    """
    return [
        Change(path, before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def patched(tree: Tree, new: Mapping[str, Entry | None]) -> Tree:
    """Give a tree with some entries replaced, or removed where the new one is None.

    An empty folder that has got entries is no entry of its own any more.
    """
    kept = {path: entry for path, entry in tree.items() if path not in new}
    added = {path: entry for path, entry in new.items() if entry is not None}
    both = kept | added
    parents = {parent for path in both for parent in path_rule.parents(path)}
    return MappingProxyType(
        {
            path: entry
            for path, entry in both.items()
            if isinstance(entry, File) or path not in parents
        }
    )
