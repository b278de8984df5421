"""Which Spark and which Python a session runs on, of those that the environment names.

A named one counts if it can work with this kernel. Otherwise the kernel's own is taken,
with a message: else the session would start, and its first Python job would fail with a
Java stack trace.
"""

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PATIENCE_SECONDS = 10
_SCRIPT = Path("bin", "spark-submit")
# Isolated: neither variables nor the working directory change what is asked.
_ASK = ("-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A program or a directory, and why it is not the one that was named."""

    value: str
    """A path, or a name that is looked up in PATH; empty where there is none."""

    reason: str = ""
    """One sentence without its end; empty where what was named is used."""


def worker_python(named: str) -> Chosen:
    """Return the Python of Spark's workers: PYSPARK_PYTHON, or this one.

    Spark requires this Python's version. Another program than this Python is run once,
    for its version.
    """
    if not named or named == sys.executable:
        return Chosen(sys.executable)
    program = shutil.which(named)
    if program is None:
        return Chosen(sys.executable, "there is no such program")
    theirs, ours = _version(program), "{}.{}".format(*sys.version_info)
    if theirs == ours:
        return Chosen(named)
    what = f"it is Python {theirs}" if theirs else "it does not run as Python 3 does"
    return Chosen(sys.executable, f"{what}, and this kernel runs Python {ours}")


def spark_home(named: str, version: str) -> Chosen:
    """Return the Spark whose Java classes a session runs: SPARK_HOME, or pyspark's own.

    SPARK_HOME counts if it is of pyspark's version. Without a choice pyspark would look
    into the folder above the working directory first.
    """
    package = _package()
    if not named or package is None or Path(named) == package:
        return Chosen(named or str(package or ""))
    if not (Path(named) / _SCRIPT).is_file():
        return Chosen(str(package), "there is no Spark")
    line = ".".join(version.split(".")[:2])
    if not any(Path(named, "jars").glob(f"spark-core_*-{line}.*.jar")):
        return Chosen(str(package), f"it is not Spark {line}, as pyspark is here")
    return Chosen(named)


def _package() -> Path | None:
    """Find the Spark that came with pyspark; importing that would take a second."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    # Where PYSPARK_HADOOP_VERSION was set as pyspark was installed, it lies deeper.
    places = (package / "spark-distribution", package)
    return next((it for it in places if (it / _SCRIPT).is_file()), None)


@cache
def _version(program: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own choice, by its full path
            [program, *_ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
