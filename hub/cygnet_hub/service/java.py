"""Asks the kernels' environment whether it has a Java that Spark can use."""

import subprocess
from pathlib import Path

from cygnet_hub.service.errors import JavaError

# Runs in the kernels' environment, whose packages may bring a Java.
_FIND = """
import sys
from spark_connector import environment, errors, java
here = environment.read_environment()
try:
    print(java.find_java(here.java_home, here.cache).home)
except errors.StartError as error:
    sys.exit(error.problems[0].reason)
"""
_PATIENCE_SECONDS = 60


def check(environment: Path) -> str:
    """Start Java as a kernel of this environment would; return its version."""
    python = environment / "bin" / "python"
    home = _last_line([str(python), "-P", "-c", _FIND])
    return _last_line([str(Path(home) / "bin" / "java"), "--version"])


def _last_line(command: list[str]) -> str:
    """Run a program and return the last line of what it wrote."""
    try:
        done = subprocess.run(  # noqa: S603 - full paths, no shell
            command,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaError(str(error)) from error
    said = (done.stdout or done.stderr).strip().splitlines() or ["it said nothing"]
    if done.returncode:
        raise JavaError((done.stderr.strip().splitlines() or said)[-1])
    return said[0]
