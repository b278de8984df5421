"""The certificate authorities that a Java trusts by itself.

They lie in a file whose format depends on the Java and on who has changed it, so Java's
own program reads it. That takes half a second.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spark_connector.errors import StartError
from spark_connector.java import find_java

# Where the first one is, the second one does not count.
_NAMES = ("jssecacerts", "cacerts")
# Also a Java of few files has this one of its programs.
_PROGRAM = ("-m", "java.base/sun.security.tools.keytool.Main", "-list", "-rfc")
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class OwnList:
    """The list of one Java."""

    program: Path
    """Its `java`."""

    path: Path
    """The file of the list."""

    content: bytes
    """What the file has."""

    def as_pem(self) -> bytes:
        """Return the certificates that Java trusts, with other lines between them.

        Java gives no password for the file either. Raises OSError if the program cannot
        be run, fails, or takes longer than ten seconds.
        """
        command = [str(self.program), *_PROGRAM, "-keystore", str(self.path)]
        try:
            done = subprocess.run(  # noqa: S603 - the Java that will run Spark, no shell
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
                check=True,
                env={"PATH": os.defpath},
            )
        except subprocess.SubprocessError as error:
            raise OSError(str(error)) from error
        return done.stdout


def own_list(java_home: str, cache: Path) -> OwnList | None:
    """Return the authorities that the Java of `find_java` trusts by itself.

    None where it has no list, or where there is no Java, which its start reports.
    """
    try:
        java = find_java(java_home, cache)
    except StartError:
        return None
    for name in _NAMES:
        path = java.files / "lib" / "security" / name
        if path.is_file():
            return OwnList(java.home / "bin" / "java", path, path.read_bytes())
    return None
