"""The errors of the sharing service.

ShareError
├── TreeError         a stored folder is missing or damaged
├── ChunkError        bytes that are not those of their name
├── NoShareError      there is no such share, or not for this person
├── ForbiddenError    the person may see the share, but not do this
├── StaleParentError  another person has published since
├── MissingError      chunks are named that the person has not sent
├── SnapshotError     what would be published is refused
├── BusyError         the person calls more often than they may
├── CrowdError        all people together need more memory than there is
├── RoomError         there is no room for more
│   └── QuotaError    a person's shares would need more bytes than they may
├── PolicyError       the operator does not allow it
├── DocumentError     the viewer cannot show a file
├── NoPersonError     shares know of no person of a name
├── StoreError        the object store does not answer
├── ForeignStoreError the files are of another database
├── SchemaError       a later version has changed the database
├── SettingsError     the service cannot start as it is set up
└── CopyError         a backup or its restoration is refused
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


class ShareError(Exception):
    """The root of what the sharing service raises."""


class TreeError(ShareError):
    """A stored folder is missing, or is not what its name says.

    Parameters
    ----------
    name
        The SHA-256 that names its record.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The record {name} of a folder is missing or damaged. Restore it from "
            "a backup; other snapshots are not affected."
        )
        self.name = name


class ChunkError(ShareError):
    """A chunk is not what its name says, or too large.

    Parameters
    ----------
    name
        The name that was given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The bytes are not those of the chunk {name[:64]!r}. Send it again."
        )
        self.name = name


class NoShareError(ShareError):
    """There is no such share, or the person may not know of it.

    Parameters
    ----------
    share
        Its id.
    """

    def __init__(self, share: int) -> None:
        super().__init__(
            f"There is no share {share}, or it is not shared with you any more. Ask "
            "its owner."
        )
        self.share = share


class ForbiddenError(ShareError):
    """The person may see a share, but not do this with it.

    Parameters
    ----------
    share
        Its id.
    wanted
        What it takes: `edit` or `own`.
    """

    def __init__(self, share: int, wanted: str) -> None:
        super().__init__(
            "Only the share's owner may do this."
            if wanted == "own"
            else "You may only view this share. Ask its owner for the right to edit "
            "it, or make a copy of your own."
        )
        self.share = share
        self.wanted = wanted


class StaleParentError(ShareError):
    """Another snapshot has been published since the parent.

    Parameters
    ----------
    head
        The number of the newest snapshot.
    """

    def __init__(self, head: int) -> None:
        super().__init__(
            f"Snapshot {head} has been published since. Merge it and publish again."
        )
        self.head = head


class MissingError(ShareError):
    """Chunks are named that this person has not sent.

    Parameters
    ----------
    chunks
        Their SHA-256, sorted.
    """

    def __init__(self, chunks: Sequence[str]) -> None:
        super().__init__(f"{len(chunks)} chunks are missing. Send them first.")
        self.chunks = chunks


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason why a snapshot is refused."""

    path: str
    """The path; empty for the folder as a whole."""

    reason: str
    """As the end of a sentence."""

    remedy: str
    """A whole sentence."""


class SnapshotError(ShareError):
    """What would be published is refused.

    Parameters
    ----------
    refusals
        Every reason, in the order of the paths.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        lines = (
            f"{it.path or 'The folder'} {it.reason}. {it.remedy}" for it in refusals
        )
        super().__init__("Nothing was published.\n" + "\n".join(lines))
        self.refusals = refusals


class BusyError(ShareError):
    """The person calls more often than they may.

    Parameters
    ----------
    seconds
        After how many the call may be sent again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "You have sent many calls in a short time. This one may be sent again in "
            f"{max(1, math.ceil(seconds))} s."
        )
        self.seconds = max(1, math.ceil(seconds))


class CrowdError(ShareError):
    """All people together need more memory than there is."""

    def __init__(self) -> None:
        self.seconds = 5
        super().__init__(
            "The sharing service has more to do than it has memory for. This may be "
            f"sent again in {self.seconds} s."
        )


class RoomError(ShareError):
    """There is no room for more.

    Parameters
    ----------
    most
        What there may be at most, as `1,000 shares`.
    remedy
        A whole sentence.
    """

    def __init__(self, most: str, remedy: str) -> None:
        super().__init__(f"There may be {most} at most. {remedy}")


class QuotaError(RoomError):
    """A person's shares would need more bytes than they may.

    Parameters
    ----------
    needed, quota
        In bytes.
    remedy
        Whole sentences.
    """

    def __init__(self, needed: int, quota: int, remedy: str) -> None:
        most = f"{quota / 10**9:,.2f} GB in all shares of a person"
        super().__init__(
            most, f"With this there would be {needed / 10**9:,.2f} GB. {remedy}"
        )
        self.needed, self.quota = needed, quota


class PolicyError(ShareError):
    """The operator does not allow it; the message says what."""


class DocumentError(ShareError):
    """The viewer cannot show a file.

    Parameters
    ----------
    reason
        For the reader, in whole sentences.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Open the share or make a copy to use the file.")
        self.reason = reason


class NoPersonError(ShareError):
    """Shares know of no person of a name.

    Parameters
    ----------
    name
        In the hub.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Nothing is kept of “{name}”. Look the name up; after a removal it is "
            "free again."
        )
        self.name = name


class StoreError(ShareError):
    """The object store does not answer, or refuses.

    Parameters
    ----------
    reason
        What it or its library says.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The object store does not do what is asked: {reason}")
        self.reason = reason


class ForeignStoreError(ShareError):
    """The store of chunks is that of another database."""

    def __init__(self) -> None:
        super().__init__(
            "The store of shared files belongs to another database of shares, so "
            "nothing is added to it or deleted from it. Your administrator gives the "
            "service the database that it had, or an empty store."
        )


class SchemaError(ShareError):
    """A later version of the service has changed the database.

    Parameters
    ----------
    found
        The last step that the database has taken.
    """

    def __init__(self, found: str) -> None:
        super().__init__(
            f"A later version of Cygnet has changed the database of shares (step "
            f"“{found}”), so this version leaves it alone. Install that version, or "
            "restore a backup of this one."
        )
        self.found = found


class SettingsError(ShareError):
    """The service cannot start as it is set up; the message says why."""


class CopyError(ShareError):
    """A backup or its restoration is refused; the message says why."""
