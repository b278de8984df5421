"""The listing of a folder of a snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from cygnet_share.tree import File, Tree
from cygnet_share.viewer.template import fill
from cygnet_share.viewer.text import size_words, unveil


@dataclass(frozen=True, slots=True)
class Row:
    """A file or a folder in the listing."""

    label: str
    href: str
    """Relative to the page of the folder, which ends with a slash."""
    facts: str
    """The size, or how many files are below."""


def is_folder(tree: Tree, path: str) -> bool:
    """Check whether a snapshot has a folder at a path; the root has none."""
    if not path:
        return True
    entry = tree.get(path)
    if entry is not None:
        return not isinstance(entry, File)
    return any(it.startswith(f"{path}/") for it in tree)


def rows(tree: Tree, path: str) -> list[Row]:
    """List a folder: folders first, each by name.

    Parameters
    ----------
    tree
        The snapshot.
    path
        The folder's path; empty for the root.
    """
    prefix = f"{path}/" if path else ""
    counts: dict[str, int] = {}
    files: list[Row] = []
    for full, entry in tree.items():
        if not full.startswith(prefix):
            continue
        name, slash, _ = full.removeprefix(prefix).partition("/")
        if not isinstance(entry, File) and not slash:
            counts.setdefault(name, 0)
        elif slash:
            counts[name] = counts.get(name, 0) + isinstance(entry, File)
        elif isinstance(entry, File):
            files.append(Row(unveil(name), quote(name), size_words(entry.size)))
    folders = [
        Row(f"{unveil(name)}/", f"{quote(name)}/", _files(count))
        for name, count in counts.items()
    ]
    return [*_by_name(folders), *_by_name(files)]


def body(tree: Tree, path: str) -> Markup:
    """Give the body of a folder's page."""
    return fill("folder.html", rows=rows(tree, path))


def _by_name(found: list[Row]) -> Iterator[Row]:
    """Sort as a reader looks for a name."""
    yield from sorted(found, key=lambda it: (it.label.casefold(), it.label))


def _files(count: int) -> str:
    """Say how many files a folder has."""
    return "1 file" if count == 1 else f"{count} files"
