"""A Java that starts Spark with little more than half of the processor time.

It compiles quickly instead of well, collects its garbage in one thread and takes the
classes of jars as they are (a ninth of a start), which pays for processes that live for
less than a minute. JAVA_HOME names it to the product,
which takes it as it is. Tests of how Java is found, and of what a newcomer meets, do
without it.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from spark_connector.java import find_java

_JAVA = """#!/bin/sh
exec {java} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \\
  -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote "$@"
"""


def quick_java(directory: Path) -> Path:
    """Make such a Java below a directory, and return what JAVA_HOME has to be."""
    java = find_java(os.environ.get("JAVA_HOME", ""), directory)
    home = directory / "quick-java"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(java.home / "release", home)
    program = home / "bin" / "java"
    program.write_text(_JAVA.format(java=shlex.quote(str(java.home / "bin/java"))))
    program.chmod(0o700)
    return home


def trust(home: Path, certificate: Path) -> None:
    """Put an authority into the own list of such a Java, as a site does."""
    real = find_java(os.environ.get("JAVA_HOME", ""), home.parent)
    security = home / "lib" / "security"
    security.mkdir(parents=True)
    own = shutil.copy(real.files / "lib/security/cacerts", security)
    program = ["-m", "java.base/sun.security.tools.keytool.Main", "-importcert"]
    added = ["-noprompt", "-alias", "site", "-file", str(certificate)]
    command = [*program, *added, "-keystore", str(own), "-storepass", "changeit"]
    java = str(home / "bin/java")
    subprocess.run([java, *command], check=True, capture_output=True, timeout=60)
