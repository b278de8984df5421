"""Makes the base image of the project's images from Debian's packages alone.

Its name stands where others have ``docker.io/library/debian:bookworm-slim``. It
stays in buildah's storage, so it is made once.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.node.image import buildah, identity
from tests.cluster.node.place import CACHE
from tests.cluster.node.program import phase, run

SUITE = "bookworm"
NAME = f"localhost/debian:{SUITE}"
PUBLIC_MIRROR = "http://deb.debian.org/debian"
SOURCES = Path("/etc/apt")


def make() -> None:
    """Make the base image unless there is one."""
    if identity(NAME):
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with (
        phase("making the base image"),
        tempfile.TemporaryDirectory(prefix="base-", dir=CACHE) as folder,
    ):
        tree = Path(folder) / "tree"
        run("debootstrap", "--variant=minbase", SUITE, tree, mirror())
        shutil.rmtree(tree / "var/cache/apt/archives", ignore_errors=True)
        container = buildah("from", "scratch").strip()
        buildah("add", "--quiet", container, str(tree), "/")
        buildah("config", "--cmd", "bash", container)
        buildah("commit", "--quiet", "--rm", container, NAME)


def mirror() -> str:
    """Give the mirror that the machine itself takes Debian from.

    A machine behind a firewall knows one that it reaches; another system than
    Debian knows none.
    """
    found = [it for it in _addresses() if re.search(r"/debian/?$", it)]
    return next(iter(found), PUBLIC_MIRROR)


def _addresses() -> Iterator[str]:
    files = [SOURCES / "sources.list", *sorted(SOURCES.glob("sources.list.d/*"))]
    for text in (it.read_text() for it in files if it.is_file()):
        yield from re.findall(r"^(?:deb\b.*?|URIs:)\s*(http\S+)", text, re.MULTILINE)
