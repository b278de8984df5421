"""Which folders may become a snapshot: names and sizes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cygnet_share import path_rule
from cygnet_share.errors import Refusal
from cygnet_share.tree import CHUNK_BYTES, File, Tree


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one share."""

    max_file_bytes: int = 2 * 10**9
    max_bytes: int = 5 * 10**9
    max_entries: int = 5_000

    max_person_bytes: int = 10 * 10**9
    """What all shares of its owner may need."""

    pace: timedelta = timedelta(0)
    """How long after a snapshot the next one may come."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a folder holds."""

    files: int
    bytes: int


def size_of(tree: Tree) -> Size:
    """Count files and bytes."""
    files = [it for it in tree.values() if isinstance(it, File)]
    return Size(len(files), sum(it.size for it in files))


def refusals(tree: Tree, sizes: Mapping[str, int], limits: Limits) -> Iterator[Refusal]:
    """Find everything for which a folder is refused.

    Parameters
    ----------
    tree
        The whole folder.
    sizes
        The bytes of each chunk that it names.
    limits
        The bounds of its share.
    """
    for path, entry in sorted(tree.items()):
        reason = path_rule.reason_against(path)
        if reason is not None:
            yield Refusal(path, reason, "Rename it, or leave it out.")
        if isinstance(entry, File):
            yield from _refused_file(path, entry, sizes, limits)
    for one, other in path_rule.clashes(tree):
        yield Refusal(
            other,
            f"cannot stand next to “{one}” on every file system",
            "Rename one of them.",
        )
    yield from _refused_size(size_of(tree), len(tree), limits)


def _refused_file(
    path: str, file: File, sizes: Mapping[str, int], limits: Limits
) -> Iterator[Refusal]:
    """Refuse a file that is too large, or whose chunks are not as it says."""
    if file.size > limits.max_file_bytes:
        most = _gigabytes(limits.max_file_bytes)
        yield Refusal(path, f"is larger than {most}", "Keep it outside of the folder.")
    parts = [sizes[it] for it in file.chunks]
    if sum(parts) != file.size or any(it != CHUNK_BYTES for it in parts[:-1]):
        yield Refusal(path, "is not as long as its chunks", "Send it again.")


def _refused_size(size: Size, entries: int, limits: Limits) -> Iterator[Refusal]:
    """Refuse a folder that holds too much."""
    if entries > limits.max_entries:
        yield Refusal(
            "",
            f"has {entries:,} entries, and {limits.max_entries:,} may be shared",
            "Share a smaller folder, or pack some of it into one file.",
        )
    if size.bytes > limits.max_bytes:
        yield Refusal(
            "",
            f"has {_gigabytes(size.bytes)}, and {_gigabytes(limits.max_bytes)} may "
            "be shared",
            "Keep large data outside of it.",
        )


def _gigabytes(count: int) -> str:
    """Give a number of bytes as a person reads it."""
    return f"{count / 10**9:.1f} GB"
