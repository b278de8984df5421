"""The same work done by git and rsync, for comparison."""

import shutil
import subprocess
import time
from pathlib import Path


def git(folder: Path) -> float | None:
    """Commit everything in a folder, and give the seconds; None without git."""
    if shutil.which("git") is None:
        return None
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    run = ("git", "-C", str(folder))
    if not (folder / ".git").exists():
        subprocess.run([*run, "init", "--quiet"], check=True)
    start = time.monotonic()
    subprocess.run([*run, "add", "--all"], check=True)
    commit = ("commit", "--quiet", "--allow-empty", "--message", "x")
    subprocess.run([*run, *identity, *commit], check=True)
    return time.monotonic() - start


def rsync(folder: Path, copy: Path) -> float | None:
    """Bring a copy of a folder up to date, and give the seconds; None without rsync."""
    if shutil.which("rsync") is None:
        return None
    # By content, as the store does.
    act = ["rsync", "--archive", "--delete", "--checksum", "--exclude", ".*"]
    start = time.monotonic()
    subprocess.run([*act, f"{folder}/", str(copy)], check=True)
    return time.monotonic() - start
