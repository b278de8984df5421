"""What pages are saving just now, which nothing else writes meanwhile.

JupyterLab looks at the file, and then writes it: another person's version that came in
between would be written over, and then count as changed by the user.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from cygnet_lab.share.errors import SavingError

SECONDS = 90.0
"""How long a page may go without a word: browsers let one in the background wait."""

Hold = Callable[[str], AbstractContextManager[None]]
"""Lets a file be written in the block, or raises `SavingError`."""


def free(path: str) -> AbstractContextManager[None]:
    """Let a file of a folder that no page has open be written."""
    del path
    return nullcontext()


class Saving:
    """The files that pages are saving.

    Parameters
    ----------
    clock
        Gives the seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str], float] = {}

    def begin(self, path: str, page: str) -> None:
        """Take that a page saves a file, or goes on to.

        Parameters
        ----------
        path
            Relative to the root of the notebook server.
        page
            Names the save among others.
        """
        now = self._clock()
        with self._lock:
            kept = {key: until for key, until in self._until.items() if until > now}
            self._until = kept | {(path, page): now + SECONDS}

    def end(self, path: str, page: str) -> None:
        """Take that the save is over."""
        with self._lock:
            self._until.pop((path, page), None)

    def of(self, place: str) -> Hold:
        """Give what holds the files of a folder, by their paths in it."""
        return lambda path: self._held(f"{place}/{path}", path)

    @contextmanager
    def _held(self, whole: str, path: str) -> Iterator[None]:
        """Let no page begin to save a file until the end of the block."""
        with self._lock:
            now = self._clock()
            if any(it == whole and t > now for (it, _), t in self._until.items()):
                raise SavingError(path)
            yield
