"""What a process renders, and the form in which it is sent there."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cygnet_share.viewer.document import Document

_HEADER: Final = struct.Struct("!BII")
"""The act, and the length of the path and of the older version."""


class Outcome(IntEnum):
    """How the process that does a task ended, as its exit status."""

    SHOWN = 0
    REFUSED = 10
    """The reason was written in place of a body."""
    MEMORY = 11


class Act(IntEnum):
    """What is made of a file."""

    SHOW = 0
    """The body of its page."""

    COMPARE = 1
    """The body of the page of what has changed in it."""

    LIST = 2
    """What has changed in it, as JSON."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file, and what is made of it."""

    document: Document

    act: Act = Act.SHOW

    before: bytes = b""
    """Its older version, where two are compared; nothing where there is none."""

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.document.path

    def parts(self) -> Iterator[bytes]:
        """Give what is sent, in order."""
        path = self.path.encode()
        yield _HEADER.pack(self.act, len(path), len(self.before)) + path
        yield self.before
        yield self.document.data


def received(whole: bytes) -> Task:
    """Read what was sent."""
    act, path, before = _HEADER.unpack_from(whole)
    start = _HEADER.size + path
    end = start + before
    name = whole[_HEADER.size : start].decode()
    return Task(Document(name, whole[end:]), Act(act), whole[start:end])
