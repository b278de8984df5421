"""The JSON that the service takes, checked on arrival, and what it answers."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from cygnet_share.path_rule import MAX_BYTES, MAX_DEPTH, reason_against
from cygnet_share.right import Audience
from cygnet_share.text_rule import readable
from cygnet_share.tree import EmptyFolder, Entry, File, Tree

MAX_CHANGES = 10_000
"""The most paths of one publication."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _shallow(path: str) -> str:
    """Refuse a path with so many folders that each question about it is slow."""
    if path.count("/") >= MAX_DEPTH:
        message = f"has more than {MAX_DEPTH} folders"
        raise ValueError(message)
    return path


Path = Annotated[str, Field(max_length=MAX_BYTES), AfterValidator(_shallow)]
"""A path that is no longer than one of a share; `path_rule` decides about the rest."""

Title = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(readable)]
"""Words in a list."""

Line = Annotated[str, Field(max_length=120), AfterValidator(readable)]
"""As a title, or nothing."""


class Body(BaseModel):
    """What a call sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileBody(Body):
    """A file, by its chunks."""

    kind: Literal["file"]
    size: Annotated[int, Field(ge=0)]
    chunks: tuple[Sha256, ...]
    executable: bool = False

    def entry(self) -> File:
        """Give it as an entry of a tree."""
        return File(self.size, self.chunks, self.executable)


class FolderBody(Body):
    """An empty folder."""

    kind: Literal["folder"]

    def entry(self) -> EmptyFolder:
        """Give it as an entry of a tree."""
        return EmptyFolder()


EntryBody = Annotated[FileBody | FolderBody, Field(discriminator="kind")]


class NewShare(Body):
    """`POST shares`."""

    title: Title


class ChangedShare(Body):
    """`PUT shares/ID`."""

    title: Title
    expires: AwareDatetime | None


class NewGrant(Body):
    """`PUT shares/ID/grants`."""

    audience: Audience
    principal: Annotated[str, Field(max_length=255), AfterValidator(readable)] = ""
    """A name in the hub, the name of a group, or nothing for everyone."""

    right: Literal["view", "edit"]
    expires: AwareDatetime | None = None


class Chunks(Body):
    """`POST shares/ID/missing`."""

    chunks: Annotated[tuple[Sha256, ...], Field(max_length=100_000)]


class Publication(Body):
    """`POST shares/ID/snapshots`."""

    parent: Annotated[int, Field(ge=0)]
    changes: Annotated[dict[Path, EntryBody | None], Field(max_length=MAX_CHANGES)]
    note: Annotated[str, Field(max_length=500), AfterValidator(readable)] = ""

    def entries(self) -> Mapping[str, Entry | None]:
        """Give the changes as entries of a tree."""
        return {key: it.entry() if it else None for key, it in self.changes.items()}


class Restoration(Body):
    """`POST shares/ID/restore`."""

    snapshot: Annotated[int, Field(ge=1)]
    paths: Annotated[tuple[Path, ...], Field(max_length=MAX_CHANGES)] | None = None
    """None for everything."""


class VersionName(Body):
    """`PUT shares/ID/snapshots/SEQ`."""

    name: Line


def _shareable(place: str) -> str:
    """Refuse a path that no snapshot may hold either."""
    reason = reason_against(place)
    if reason is not None:
        raise ValueError(reason)
    return place


class Copy(Body):
    """`PUT working-copies`."""

    share: Annotated[int, Field(ge=1, lt=10**18)]
    place: Annotated[Path, AfterValidator(_shareable)]
    base: Annotated[int, Field(ge=0, lt=10**9)]


class Opened(Body):
    """`PUT shares/ID/presence`."""

    paths: Annotated[
        tuple[Annotated[Path, AfterValidator(_shareable)], ...], Field(max_length=50)
    ]
    """Relative to the share; none to leave."""


def tree_json(tree: Tree) -> dict[str, object]:
    """Give a folder as the service answers it, in the form in which it takes it."""
    return {
        path: {
            "kind": "file",
            "size": entry.size,
            "chunks": list(entry.chunks),
            "executable": entry.executable,
        }
        if isinstance(entry, File)
        else {"kind": "folder"}
        for path, entry in sorted(tree.items())
    }
