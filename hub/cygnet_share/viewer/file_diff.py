"""What has changed in a file between two versions, as far as it can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cygnet_share import notebook_diff
from cygnet_share.notebook import Notebook, parse
from cygnet_share.notebook_diff import CellChange, Change
from cygnet_share.viewer import text as readable
from cygnet_share.viewer.document import Document, Kind


class Form(StrEnum):
    """As what two versions are compared."""

    NOTEBOOK = "notebook"
    TEXT = "text"
    BINARY = "binary"
    """Not at all."""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What has changed in a file."""

    form: Form

    cells: Sequence[CellChange] = ()
    """Of a text there is one, whose type is `text`."""


def compare(before: bytes, after: Document) -> FileDiff:
    """Compare two versions of a file.

    Parameters
    ----------
    before
        The older one; nothing where there is none.
    after
        The newer one; its data are nothing where there is none.
    """
    if Document(after.path, b"x").kind is Kind.NOTEBOOK:
        old, new = _notebook(before), _notebook(after.data)
        if old is not None and new is not None:
            return FileDiff(Form.NOTEBOOK, notebook_diff.compare(old, new))
    if not (readable.is_text(before) and readable.is_text(after.data)):
        return FileDiff(Form.BINARY)
    return FileDiff(Form.TEXT, [_text(before, after.data)])


def _notebook(data: bytes) -> Notebook | None:
    """Read a notebook, or none where there is nothing."""
    return parse(data) if data else Notebook(())


def _text(before: bytes, after: bytes) -> CellChange:
    """Compare two texts."""
    kind = Change.SAME if before == after else Change.CHANGED
    if before != after and not (before and after):
        kind = Change.REMOVED if before else Change.ADDED
    old, new = (readable.decode(it) if it else None for it in (before, after))
    return CellChange(kind, "text", old, new, 1)
