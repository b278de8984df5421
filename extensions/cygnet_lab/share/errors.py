"""The errors of shared folders in the notebook server.

SharingError
├── AwayError            the service does not answer
├── RefusedError         the service refuses a call
│   ├── StaleError       another snapshot has been published since
│   ├── NoShareError     there is no such share, or not for this person
│   ├── LackingError     the service lacks parts of files
│   ├── LostRecordsError the service was set up again or restored
│   ├── FullError        the service's store is full
│   └── BusyError        the service wants fewer calls
├── LocalError           the folder on the disk is in the way
│   ├── BlockedError     something stands where a file or folder belongs
│   ├── MarkerError      the folder does not say that it belongs to the share
│   │   ├── MissingError  there is no folder at all
│   │   └── ManyFoldersError  copies of it say so, and it is not there
│   ├── TakenError       something stands where a copy was to come
│   ├── NoFolderError    no folder follows the share there
│   ├── NoConflictError  the conflict has been settled
│   ├── MovedOnError     what a conflict is about has been edited since
│   ├── NoRoomError      the disk would be too full
│   └── TooLargeError    the folder holds more than can be shared
├── LateError            what was asked for is not done yet
├── OccupiedError        another server of the user's works on the folder
├── ChangedError         a file has changed since it was looked at
│   └── SavingError      a page is saving it
└── UnsafeTreeError      a snapshot holds what must not be written
"""

from collections.abc import Mapping, Sequence


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
    problems
        Places, reasons and remedies.
    """

    def __init__(
        self, status: int, message: str, problems: Sequence[Mapping[str, str]] = ()
    ) -> None:
        lines = [
            f"{it.get('place') or 'The folder'} {it.get('reason', '')}. "
            f"{it.get('remedy', '')}".rstrip()
            for it in problems
            if it.get("reason")
        ]
        super().__init__("\n".join([message, *lines]))
        self.status, self.message, self.problems = status, message, problems


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
    """The service was set up again or restored: it knows less than it once did."""


class FullError(RefusedError):
    """The service's store is full."""


class BusyError(RefusedError):
    """The service wants fewer calls; it is tried again."""


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


class MissingError(MarkerError):
    """There is no folder at all.

    Parameters
    ----------
    place
        Where it was.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place, "is missing")


class ManyFoldersError(MarkerError):
    """Copies of a folder say that they belong to the share, and it is not there.

    Parameters
    ----------
    place
        Where it was.
    found
        Where they are.
    """

    def __init__(self, place: str, found: Sequence[str]) -> None:
        places = " and ".join(f"“{it}”" for it in sorted(found)[:3])
        are = "are copies" if len(found) > 1 else "is a copy"
        super().__init__(place, f"has gone, and {places} {are} of it")


class TakenError(LocalError):
    """Something stands where a copy was to come.

    Parameters
    ----------
    place
        Relative to the user's folders.
    """

    def __init__(self, place: str) -> None:
        super().__init__(
            f"There is a “{place}” already, and nothing is written over. Choose "
            "another name for the copy."
        )


class NoFolderError(LocalError):
    """No folder follows the share there.

    Parameters
    ----------
    place
        The folder.
    """

    def __init__(self, place: str) -> None:
        super().__init__(f"The folder “{place}” does not follow this share any more.")


class NoConflictError(LocalError):
    """The conflict has been settled."""

    def __init__(self) -> None:
        super().__init__("This conflict has been settled already.")


class MovedOnError(LocalError):
    """What a conflict is about has been edited since.

    Parameters
    ----------
    path
        Relative to the folder.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"“{path}” has been edited since, and nothing is written over. Both texts "
            "are in your folder: keep what you want there, then choose “Leave it as "
            "it is”."
        )


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
            "may be written before the disk is too full. Delete files, and it goes on."
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


class LateError(SharingError):
    """What was asked for is not done yet, and goes on.

    Parameters
    ----------
    reason
        Whole sentences; empty for none.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"This takes longer, and goes on. {reason}".rstrip())


class OccupiedError(SharingError):
    """Another server of the user's works on the folder."""

    def __init__(self) -> None:
        super().__init__("Another server of yours works on this folder. Try again.")


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


class SavingError(ChangedError):
    """A page is saving a file."""


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
