"""Folders of a database that the sharing service has no more.

Its numbers are given again: share 1 of a new database is another person's. So nothing
in such a folder is sent, changed or removed.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cygnet_lab.share import marker
from cygnet_lab.share.errors import SharingError
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.place import SHARED
from cygnet_lab.share.state import Phase, State


def strangers(root: Path, database: str) -> Mapping[str, int]:
    """Find the copies of shares that another database knew.

    Parameters
    ----------
    root
        The folder of the user's folders.
    database
        The id of the database that the service has.

    Returns
    -------
    mapping
        Place to share. Folders of the user's own may be anywhere, and are not looked
        for.
    """
    found = dict[str, int]()
    for path in root.glob(f"{SHARED}/*/*"):
        place = path.relative_to(root).as_posix()
        with suppress(SharingError, OSError), Folder.open(root, place) as folder:
            mark = marker.Reader().read_any(folder, place)
            if mark.database != database:
                found[place] = mark.share
    return found


def state(share: int, place: str) -> State:
    """Say how such a folder stands."""
    message = (
        "The sharing service was set up again and has lost its records. Nothing in "
        "this folder is sent, changed or removed: share it again, or open it again "
        "when its owner has shared it again."
    )
    return State(share, place, Phase.STOPPED, message=message)
