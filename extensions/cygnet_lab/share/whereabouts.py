"""Finds a folder again that has been renamed or moved, by its marker.

All folders of the user are looked at, within bounds, and what the notebook server has
renamed in any case. A copy of a folder follows nothing, also when the folder has gone.
"""

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from cygnet_share.path_rule import reason_against

from cygnet_lab.share.errors import LocalError
from cygnet_lab.share.folder import DIRECTORY, OWN, Folder
from cygnet_lab.share.marker import Reader, is_original

MOST_FOLDERS = 20_000
"""How many folders are looked at."""

MOST_SECONDS = 2.0
"""How long a search takes, at most."""

Identity = tuple[int, str]
"""A share, and the id of the service's database."""

_HINTS = 50


class Whereabouts:
    """Searches one user's folders.

    Parameters
    ----------
    root
        The folder of them all.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._hints: deque[str] = deque(maxlen=_HINTS)
        self.count = 0
        """How often something has come to a path."""

    def note(self, path: str) -> None:
        """Take that something has come to a path."""
        self.count += 1
        if path not in self._hints:
            self._hints.append(path)

    def nearby(self, share: Identity, place: str) -> Sequence[str]:
        """Look for a folder where something has come.

        Parameters
        ----------
        share
            The share that it follows, and the id of the service's database.
        place
            Where it stood.
        """
        names = place.split("/")
        tails = ["", *("/".join(names[i:]) for i in range(1, len(names)))]
        wanted = {f"{it}/{tail}".rstrip("/") for it in self._hints for tail in tails}
        return sorted(it for it in wanted if self._is_of(share, it))

    def anywhere(self, share: Identity) -> Sequence[str]:
        """Look for folders that follow a share, everywhere."""
        return [it for it in self._marked() if self._is_of(share, it)]

    def is_original(self, place: str) -> bool:
        """Return whether a folder with a marker has been moved, and not copied."""
        try:
            with Folder.open(self._root, place) as folder:
                return is_original(folder, Reader().read_any(folder, place))
        except (OSError, LocalError):
            return False

    def _is_of(self, share: Identity, place: str) -> bool:
        """Return whether a folder says that it follows a share."""
        if reason_against(place) is not None:
            return False
        try:
            with Folder.open(self._root, place) as folder:
                Reader().read(folder, *share, place)
        except (OSError, LocalError):
            return False
        return True

    def _marked(self) -> Iterator[str]:
        """Find the folders with a marker, the outermost first."""
        end, left = time.monotonic() + MOST_SECONDS, deque([""])
        for _ in range(MOST_FOLDERS):
            if not left or time.monotonic() > end:
                return
            place = left.popleft()
            try:
                names = self._folders(place)
            except OSError:
                continue
            if OWN in names:
                yield place
            below = [f"{place}/{it}".lstrip("/") for it in names]
            left.extend(it for it in below if reason_against(it) is None)

    def _folders(self, place: str) -> Sequence[str]:
        """List the folders in one; links are none."""
        handle = os.open(self._root / place, DIRECTORY)
        try:
            with os.scandir(handle) as found:
                return sorted(
                    it.name for it in found if it.is_dir(follow_symlinks=False)
                )
        finally:
            os.close(handle)
