"""The errors of shared folders in the notebook server.

SharingError
├── AwayError            the service does not answer
├── RefusedError         the service refuses a call
│   ├── StaleError       another snapshot has been published since
│   ├── NoShareError     there is no such share, or not for this person
│   ├── LackingError     the service lacks parts of files
│   ├── LostRecordsError the service was set up again
│   └── FullError        the service's store is full
├── LocalError           the folder on the disk is in the way
│   ├── BlockedError     something stands where a file or folder belongs
│   ├── MarkerError      the folder does not say that it belongs to the share
│   ├── NoRoomError      the disk would be too full
│   └── TooLargeError    the folder holds more than can be shared
├── ChangedError         a file has changed since it was looked at
└── UnsafeTreeError      a snapshot holds what must not be written
"""

from collections.abc import Sequence


class SharingError(Exception):
    """The root of what shared folders raise."""


class AwayError(SharingError):
    """The service does not answer.

    Parameters
    ----------
    reason
        What the last attempt met.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The sharing service does not answer: {reason}.")
        self.reason = reason


class RefusedError(SharingError):
    """The service refuses a call.

    Parameters
    ----------
    status
        The status of its answer.
    message
        What it says, in whole sentences.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class StaleError(RefusedError):
    """Another snapshot has been published since the parent.

    Parameters
    ----------
    message
        What the service says.
    head
        The number of the newest snapshot.
    """

    def __init__(self, message: str, head: int) -> None:
        super().__init__(409, message)
        self.head = head


class NoShareError(RefusedError):
    """There is no such share, or it is not shared with this person."""


class LackingError(RefusedError):
    """The service lacks parts of files, also of some that have not changed.

    Parameters
    ----------
    message
        What the service says.
    chunks
        Their names.
    """

    def __init__(self, message: str, chunks: Sequence[str]) -> None:
        super().__init__(422, message)
        self.chunks = chunks


class LostRecordsError(RefusedError):
    """The service was set up again, and does not know what it once knew."""


class FullError(RefusedError):
    """The service's store is full."""


class LocalError(SharingError):
    """The folder on the disk is in the way; the user can help."""


class BlockedError(LocalError):
    """Something stands where a file or folder belongs.

    Parameters
    ----------
    path
        Relative to the folder.
    reason
        As the end of a sentence.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"“{path}” {reason}. Rename it or remove it.")
        self.path = path


class MarkerError(LocalError):
    """The folder does not say that it belongs to the share.

    Parameters
    ----------
    place
        The folder.
    reason
        As the end of a sentence.
    is_another
        Whether it says that it belongs to another share.
    """

    def __init__(self, place: str, reason: str, *, is_another: bool = False) -> None:
        super().__init__(
            f"The folder “{place}” {reason}, so nothing in it is sent or changed. "
            "Open the share again."
        )
        self.place = place
        self.is_another = is_another


class NoRoomError(LocalError):
    """The disk would be too full.

    Parameters
    ----------
    wanted
        The bytes that would be written.
    free
        The bytes that may be.
    """

    def __init__(self, wanted: int, free: int) -> None:
        super().__init__(
            f"This takes {wanted / 10**6:,.1f} MB, and {max(free, 0) / 10**6:,.1f} MB "
            "may be written before the disk is nine tenths full. Delete files, and it "
            "goes on."
        )
        self.wanted, self.free = wanted, free


class TooLargeError(LocalError):
    """The folder holds more than can be shared.

    Parameters
    ----------
    entries
        How many files and folders it may hold.
    size
        How many bytes it may hold.
    """

    def __init__(self, entries: int, size: int) -> None:
        super().__init__(
            f"The folder holds more than {entries:,} files and folders, or more than "
            f"{size / 10**9:.0f} GB, so nothing in it is sent. Share a smaller folder, "
            "or keep large data outside of it."
        )


class ChangedError(SharingError):
    """A file has changed since it was looked at.

    Parameters
    ----------
    path
        Relative to the folder.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"“{path}” has changed meanwhile. It is looked at again.")
        self.path = path


class UnsafeTreeError(SharingError):
    """A snapshot holds what must not be written.

    Parameters
    ----------
    problems
        Sentences, one for each path.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "This version is not written to the disk.\n" + "\n".join(problems)
        )
        self.problems = problems
