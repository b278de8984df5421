"""What the sharing service answers, checked on arrival."""

from datetime import datetime
from typing import Annotated, Literal

from cygnet_share.api_model import EntryBody, Sha256
from cygnet_share.tree import Tree
from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """An answer; fields of later versions of the service are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Me(Answer):
    """`GET me`; what else it says is for the pages."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    database: Annotated[str, Field(min_length=1, max_length=64)]
    """The id of the service's database."""

    generation: Annotated[str, Field(min_length=1, max_length=64)]
    """Another one since the database was restored."""


class Share(Answer):
    """A share in the list; what else is said of it is for the pages."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    title: str
    owner: str
    """The owner's name."""

    is_mine: bool
    right: Literal["view", "edit", "own"]
    head: int
    """The number of the newest snapshot; 0 before there is one."""

    changed_at: datetime | None = None
    """When that was published."""

    changed_by: str = ""
    """By whom."""

    is_shared: bool = True
    """Whether another person may see it now."""


class Shares(Answer):
    """`GET shares`."""

    shares: tuple[Share, ...]


class Made(Answer):
    """`POST shares`."""

    id: int


class Missing(Answer):
    """`POST shares/ID/missing`."""

    chunks: tuple[Sha256, ...]


class Snapshot(Answer):
    """`POST shares/ID/snapshots`."""

    seq: int
    published_at: datetime


class Published(Answer):
    """A snapshot in the list."""

    seq: int
    published_by: str
    published_at: datetime


class Snapshots(Answer):
    """`GET shares/ID/snapshots`."""

    snapshots: tuple[Published, ...]


class Present(Answer):
    """Who has notebooks open, and which."""

    name: str
    paths: Annotated[tuple[str, ...], Field(max_length=50)] = ()


class Detail(Answer):
    """`GET shares/ID`, as far as the mirror reads it."""

    present: tuple[Present, ...] = ()


class Entries(Answer):
    """`GET shares/ID/snapshots/SEQ`."""

    entries: dict[str, EntryBody]

    def tree(self) -> Tree:
        """Give them as a folder."""
        return {path: it.entry() for path, it in self.entries.items()}


class News(Answer):
    """`GET events`."""

    last: int
    shares: tuple[int, ...]
    is_list_changed: bool

    seen: int = 0
    """The newest change of who is where, from which to ask again."""

    present: dict[int, tuple[Present, ...]] = {}
    """Who is in the shares of which that has changed."""


class WorkingCopy(Answer):
    """A folder that follows a share, as the service remembers it."""

    share: int
    place: Annotated[str, Field(max_length=512)]
    base: int


class WorkingCopies(Answer):
    """`GET working-copies`."""

    copies: tuple[WorkingCopy, ...]


class Refusal(Answer):
    """An error."""

    message: str = "The sharing service refuses this."
    head: int = 0
    """The newest snapshot, of a call that names an older one."""

    chunks: tuple[Sha256, ...] = ()
    """What has to be sent first, of a publication."""

    problems: tuple[dict[str, str], ...] = ()
    """Places, reasons and remedies."""
