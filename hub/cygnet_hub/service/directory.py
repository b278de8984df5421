"""Checks the directories that the user names."""

from os import R_OK, W_OK, X_OK, access
from pathlib import Path

from cygnet_hub.errors import DirectoryError
from cygnet_hub.local.settings import Settings


def check(chosen: Settings) -> None:
    """Refuse the first of the user's directories that is missing or not usable."""
    _require("The directory to show", chosen.root_dir, R_OK | W_OK | X_OK)
    for folder in chosen.bundle_dirs:
        _require("The directory with bundles", folder, R_OK | X_OK)


def _require(role: str, path: Path, mode: int) -> None:
    """Refuse what is missing, no directory, or closed to this account."""
    if not path.exists():
        raise DirectoryError(role, path, "does not exist")
    if not path.is_dir():
        raise DirectoryError(role, path, "is not a directory")
    if not access(path, mode):
        raise DirectoryError(role, path, "may not be used by this account")
