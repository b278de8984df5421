"""Serves files of the home; one of another person's runs and loads nothing.

Jupyter Server lets a file that is opened in a tab of its own run scripts, in an origin
of its own, from where they can send whatever the file was made to send.
"""

from pathlib import Path

from jupyter_server.base.handlers import AuthenticatedFileHandler
from typing_extensions import override

from cygnet_lab.share import marker
from cygnet_lab.share.errors import SharingError
from cygnet_lab.share.folder import OWN, Folder
from cygnet_lab.share.place import SHARED

POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "font-src data:; media-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""What a file of another person's may do in a tab: be looked at."""


class SharedFileHandler(AuthenticatedFileHandler):
    """Serves a file."""

    @override
    def set_headers(self) -> None:
        """Set the policy of the file, by the folder that it is in."""
        super().set_headers()
        if is_shared(Path(self.root), Path(self.absolute_path or self.root)):
            self.set_header("Content-Security-Policy", POLICY)


def is_shared(root: Path, file: Path) -> bool:
    """Check whether a file came with a share, in whatever way a path leads to it.

    Parameters
    ----------
    root
        The folder that the notebook server shows.
    file
        The file; links on the way to it are followed.
    """
    top = root.resolve()
    shared = top / SHARED
    folders = file.resolve().parents
    return any(
        _is_same(it, shared) or (it.is_relative_to(top) and _is_of_another(it))
        for it in folders
    )


def _is_of_another(folder: Path) -> bool:
    """Check whether a folder follows a share of another person, wherever it stands."""
    if not (folder / OWN).exists():
        return False
    try:
        with Folder.open(folder, "") as it:
            return not marker.Reader().read_any(it, "").is_mine
    except (SharingError, OSError):
        # What cannot be read is trusted with nothing.
        return True


def _is_same(folder: Path, other: Path) -> bool:
    """Check whether two paths are one folder, also where case does not matter."""
    try:
        return folder.samefile(other)
    except FileNotFoundError:
        return False
