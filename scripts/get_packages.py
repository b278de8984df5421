"""Installs Debian's packages for the tests where that can be done unasked.

Chromium comes wherever it is missing; what the cluster lane needs, and clients of the
hub's, come in continuous integration only. The script always ends well: what stays
missing lets its lane skip with a sentence on your machine, and fail where ``CI``
is true.
"""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.node.requirement import missing_packages

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CLIENTS = ("curl", "git")
"""Programs that the hub's lane lets trust a site's authority."""
# No question is asked, nothing that is installed goes, and a machine that has just
# started may be updating itself.
OPTIONS = ("--quiet", "--yes", "--no-remove", "--option=DPkg::Lock::Timeout=300")
# Debian's convention for "start nothing", which a package's scripts ask first.
POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> list[str]:
    """Return the packages to install."""
    browser = [] if any(map(shutil.which, CHROMIUM)) else ["chromium"]
    if os.environ.get("CI") != "true":
        return browser
    clients = [it for it in CLIENTS if shutil.which(it) is None]
    return browser + clients + missing_packages()


def remedy(packages: list[str]) -> str:
    """Install packages, or say in one sentence why that was not possible."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        return f"Install what Debian calls {names}, and all tests will run."
    become = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if become and shutil.which("sudo") is None:
        return f"Run `apt-get install {names}` as root, and all tests will run."
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *OPTIONS]
    for arguments in (["update"], ["install", *packages]):
        command = [*become, *quietly, *arguments]
        with nothing_started():
            done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            return f"`apt-get {' '.join(arguments)}` failed: {names} stay missing."
    return ""


@contextmanager
def nothing_started() -> Generator[None]:
    """Keep packages from starting their services, e.g. containerd."""
    is_ours = os.geteuid() == 0 and POLICY.parent.is_dir() and not POLICY.exists()
    if is_ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if is_ours:
            POLICY.unlink()


if __name__ == "__main__" and (packages := missing()):
    print(remedy(packages) or f"Installed {' '.join(packages)}.", flush=True)
