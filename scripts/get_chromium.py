"""Installs Chromium for the browser tests where that can be done unasked.

It always ends well: where Chromium stays missing, the browser tests skip with a
sentence on a person's machine and fail in continuous integration.
"""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")


def remedy() -> str:
    """Install Chromium, or say in one sentence why that was not possible."""
    if shutil.which("apt-get") is None:
        return "Chromium is missing: install it, and the browser tests will run."
    become = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if become and shutil.which("sudo") is None:
        return "Chromium is missing: run `apt-get install chromium` as root."
    for arguments in (["update"], ["install", "--yes", "chromium"]):
        command = [*become, "apt-get", "--quiet", *arguments]
        if subprocess.run(command, check=False).returncode:
            return f"Chromium is missing and `{' '.join(command)}` failed."
    return ""


if __name__ == "__main__":
    if not any(map(shutil.which, NAMES)):
        print(remedy() or "Chromium is installed.", flush=True)
