"""Makes the virtual environment of a clone and puts uv into it.

Runs in whatever Python the caller has, so it uses nothing newer than Python 3.6
before it has looked at the version. With `--only-look TASK` it does nothing else.
"""

import platform
import subprocess
import sys
from importlib.util import find_spec

OLDEST = (3, 11)
SUPPORTED = {("Linux", "x86_64"), ("Darwin", "x86_64"), ("Darwin", "arm64")}


def too_old(task: str = "up") -> str:
    """Return a sentence if this Python is too old for a task, else nothing."""
    if sys.version_info >= OLDEST:
        return ""
    found = platform.python_version()
    return (
        f"Python {found} is too old, 3.11 is needed: `make {task} PYTHON=python3.12`."
    )


def fault() -> str:
    """Return a sentence if no environment can be made, else nothing."""
    if (platform.system(), platform.machine()) not in SUPPORTED:
        return "Cygnet runs on Linux x86-64 and on macOS, and not on this machine yet."
    if too_old():
        return too_old()
    if find_spec("ensurepip") is None:
        return "Python has no `venv` here: run `apt-get install python3-venv`."
    return ""


def main(folder: str) -> None:
    """Make the environment in ``folder``; an existing one is completed."""
    reason = fault()
    if reason:
        sys.exit(reason)
    print(f"Making a virtual environment in {folder}", flush=True)
    for command in (
        [sys.executable, "-m", "venv", folder],
        [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "uv>=0.9.8"],
    ):
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"`{' '.join(command)}` failed; its messages are above.")


if __name__ == "__main__":
    if sys.argv[1] == "--only-look":
        sys.exit(too_old(sys.argv[2]) or 0)
    main(sys.argv[1])
