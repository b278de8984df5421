"""A file that the viewer shows, and as what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath

from cygnet_share.viewer import picture, source
from cygnet_share.viewer import text as readable


class Kind(Enum):
    """As what a file is shown."""

    NOTEBOOK = auto()
    MARKDOWN = auto()
    TABLE = auto()
    PICTURE = auto()
    DRAWING = auto()
    SOURCE = auto()
    TEXT = auto()
    OTHER = auto()


# What such a file is shown as where it holds text.
_BY_ENDING: Mapping[str, Kind] = {
    ".ipynb": Kind.NOTEBOOK,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".csv": Kind.TABLE,
    ".tsv": Kind.TABLE,
    ".svg": Kind.DRAWING,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a share."""

    path: str
    """Its path in the share, as `cygnet_share.path_rule` allows it."""
    data: bytes

    @property
    def name(self) -> str:
        """The name of the file."""
        return PurePosixPath(self.path).name

    @property
    def kind(self) -> Kind:
        """As what it is shown: by its name for what is text, else by its bytes."""
        ending = PurePosixPath(self.path).suffix.lower()
        if ending in {".ipynb", ".md", ".markdown"}:
            return _BY_ENDING[ending]
        if picture.from_bytes(self.data) is not None:
            return Kind.PICTURE
        if not self.data or not readable.is_text(self.data):
            return Kind.TEXT if source.is_source(self.name) else Kind.OTHER
        if ending in _BY_ENDING:
            return _BY_ENDING[ending]
        return Kind.SOURCE if source.is_source(self.name) else Kind.TEXT
