"""The environment that kernels run in: made once, changed by its user.

``%pip install`` changes this environment and never the service's own. What it was
made for stands in a stamp that is written last: without the stamp the directory is
something half-made, and is made again. A stamp for something else brings the
installation up to date and leaves what the user added.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import uv

from cygnet_hub import private_file
from cygnet_hub.console import Say
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.errors import DiskFullError
from cygnet_hub.local import kernelspec, requirement
from cygnet_hub.local.errors import NotInstalledError, UvError

_LEAST_FREE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the environment has to hold."""

    arguments: tuple[str, ...]
    """The arguments of `uv pip install`."""
    stamp: str
    """Equal stamps mean that nothing has to be done."""


def wanted(packages: tuple[str, ...]) -> Wanted:
    """Return what the environment has to hold.

    The packages are requirements in addition to this distribution with its extra
    ``spark``.
    """
    try:
        ours = requirement.source(distribution("cygnet"), extra="spark")
    except PackageNotFoundError as error:
        raise NotInstalledError from error
    stamp = json.dumps(
        {
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "source": ours.fingerprint,
            "packages": packages,
        }
    )
    return Wanted((*ours.arguments, *packages), stamp)


def is_ready(environment: Path, want: Wanted) -> bool:
    """Return whether the environment exists and was made for this.

    It is not ready when it is half-made or its Python was uninstalled.
    """
    return _python(environment).exists() and _stamp(environment) == want.stamp


def is_complete(environment: Path) -> bool:
    """Return whether an environment was made to its end, for whatever it was made."""
    return _python(environment).exists() and _stamp(environment) is not None


def ensure(data: DataDirectory, want: Wanted, say: Say) -> None:
    """Make the environment, or bring it up to date, and offer it as a kernel.

    uv's own lines go to standard error.
    """
    environment = data.kernels
    if not is_ready(environment, want):
        is_update = _stamp(environment) is not None
        if not _is_usable(environment, want):
            say(f"Making the kernels' Python environment in {environment} …")
            _make(environment)
        say("Installing Spark and the kernels' packages …")
        if is_update:
            say("Restart kernels that run already before they connect to Spark.")
        _install(environment, want)
        private_file.write(environment / "cygnet.json", want.stamp)
    _offer(data.jupyter, environment)


def _is_usable(environment: Path, want: Wanted) -> bool:
    """Return whether what is there can be brought up to date."""
    stamp = _stamp(environment)
    if stamp is None or not _python(environment).exists():
        return False
    return bool(json.loads(stamp)["python"] == json.loads(want.stamp)["python"])


def _make(environment: Path) -> None:
    """Make the bare environment, with pip for ``%pip``."""
    private_file.make_directory(environment.parent)
    shutil.rmtree(environment, ignore_errors=True)
    command = ["venv", "--quiet", "--seed", "--no-project", "--python", sys.executable]
    _run(environment, [*command, str(environment)])


def _install(environment: Path, want: Wanted) -> None:
    """Install what is wanted, and this distribution again."""
    command = ["pip", "install", "--python", str(_python(environment))]
    again = ["--reinstall-package", "cygnet"]
    # Where Python keeps no bytecode, each kernel would compile all that it imports.
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    _run(environment, [*command, *again, *compiled, *want.arguments])


def _run(environment: Path, arguments: list[str]) -> None:
    """Run uv, whose lines and progress bars go to standard error."""
    done = subprocess.run(  # noqa: S603 - uv by its full path
        [uv.find_uv_bin(), *arguments],
        check=False,
        stdout=sys.stderr.fileno(),
        # Not where the command was typed, whose uv.toml may be another user's.
        cwd=environment.parent,
    )
    code = done.returncode
    if code == 0:
        return
    # Uv has taken its half-made files away again, so a full disk has some space now.
    if shutil.disk_usage(environment.parent).free < _LEAST_FREE_BYTES:
        raise DiskFullError(environment)
    raise UvError(environment, code)


def _offer(jupyter: Path, environment: Path) -> None:
    """Offer the environment as kernel, by the name that fresh notebooks ask for."""
    config = environment / kernelspec.CONFIG
    config.parent.mkdir(parents=True, exist_ok=True)
    private_file.write(config, kernelspec.EXTENSIONS)
    spec = kernelspec.specification(_python(environment))
    private_file.make_directory(jupyter / "kernels")
    for folder in (
        jupyter / "kernels" / kernelspec.NAME,
        # In place of ipykernel's own, which papermill finds without a service.
        environment / kernelspec.OWN,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        private_file.write(folder / "kernel.json", json.dumps(spec, indent=1) + "\n")


def _python(environment: Path) -> Path:
    """Return the environment's interpreter."""
    return environment / "bin" / "python"


def _stamp(environment: Path) -> str | None:
    """Return what the environment was made for; ``None`` when half-made."""
    try:
        return (environment / "cygnet.json").read_text(encoding="utf-8")
    except OSError:
        return None
