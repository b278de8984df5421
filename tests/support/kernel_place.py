"""An environment for kernels as the product makes it, with packages of the tests."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from cygnet_hub.local import kernelspec


def make(directory: Path) -> dict[str, object]:
    """Make it below a directory, and return the specification of its kernel."""
    environment = directory / "kernel-environment"
    command = [sys.executable, "-m", "venv", "--without-pip", str(environment)]
    subprocess.run(command, check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    there = sysconfig.get_path("purelib")
    # Files like this one that lie there count too: an editable installation has one.
    line = f"import site; site.addsitedir({there!r})\n"
    (packages / "of_the_tests.pth").write_text(line)
    config = environment / kernelspec.CONFIG
    config.parent.mkdir(parents=True)
    config.write_text(kernelspec.EXTENSIONS)
    return kernelspec.specification(environment / "bin" / "python")


def profile(directory: Path, name: str, text: str) -> dict[str, str]:
    """Write a file of a user's IPython profile, and return variables that name it."""
    file = directory / "ipython" / "profile_default" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return {"IPYTHONDIR": str(directory / "ipython")}


def traps(folder: Path, log: Path) -> None:
    """Fill a folder so that what of it is imported or run leaves a line in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    note = f"with open({str(log)!r}, 'a') as log: log.write({{!r}})\n"
    for name in sorted(_names()):
        line = note.format(f"{name} was imported\n")
        (folder / f"{name}.py").write_text(f"{line}raise ImportError('a trap')\n")
    _entry_points(folder)
    for name in ("ipython_config.py", "ipython_kernel_config.py", "startup.py"):
        (folder / name).write_text(note.format(f"{name} was run\n"))
    _settings_of_java(folder, log)
    program = f"#!/bin/sh\necho {{}} was run >> '{log}'\nexit 1\n"
    for file in (
        folder / "java",
        folder / "python3",
        folder / "spark-env.sh",
        folder / "conf" / "spark-env.sh",
        folder.parent / "bin" / "spark-submit",
    ):
        file.parent.mkdir(exist_ok=True)
        file.write_text(program.format(file.name))
        file.chmod(0o755)
    # With them the folder above looks like Spark's own.
    (folder.parent / "jars").mkdir()


def _settings_of_java(folder: Path, log: Path) -> None:
    """Lay out files that would break a session, or write the log, if they were read."""
    for name in ("core-site.xml", "hive-site.xml", "fairscheduler.xml"):
        (folder / name).write_text("<not XML")
    (folder / "spark-defaults.conf").write_text("spark.authenticate false\n")
    (folder / "log4j2.properties").write_text(
        f"appender.trap.type = File\nappender.trap.name = trap\n"
        f"appender.trap.fileName = {log}\nrootLogger.appenderRef.trap.ref = trap\n"
    )


def _names() -> set[str]:
    """Name what is installed, what Python has, and what libraries look for."""
    installed = Path(sysconfig.get_path("purelib")).iterdir()
    tops = {it.name.partition(".")[0] for it in installed if _is_importable(it)}
    wished = {"sitecustomize", "usercustomize", "simplejson", "email_validator"}
    names = {*sys.stdlib_module_names, *tops, *wished}
    return {it for it in names if it.isidentifier()}


def _is_importable(path: Path) -> bool:
    return path.suffix in {".py", ".so"} or (path / "__init__.py").is_file()


def _entry_points(folder: Path) -> None:
    """Pose as a distribution with plugins, which libraries look for at their import."""
    info = folder / "cygnet_trap-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: cygnet_trap\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pydantic]\ntrap = email_validator:it\n")
