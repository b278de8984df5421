"""What a class path would put before Spark's own classes.

Java takes a class from the first entry that has it, and `spark.driver.extraClassPath`
comes before Spark's jars. So an entry there may add classes, also to Spark's packages
as Delta and Kafka do, but replace none.
"""

import functools
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

OWN_PACKAGE = "org/apache/spark/cygnet/"
_VERSIONED = re.compile(r"META-INF/versions/\d+/")
# Java finds it whatever the case of its name.
_MANIFEST = "meta-inf/manifest.mf"
# Java 17 to 21 load from the jars that it names.
_INDEX = "meta-inf/index.list"
_SUFFIX = ".class"


def flaw_of(entry: str, spark_jars: Path, own_jar: Path) -> str:
    """Return why an entry must not come before Spark's jars, one sentence, or nothing.

    An entry is an absolute path as class paths have it: a jar, a folder, or a folder
    and `/*`. Cygnet's own jar may stand there.
    """
    ours = {own_jar.resolve(), *spark_jars.resolve().glob("*.jar")}
    known = _classes_of(spark_jars)
    seen: set[Path] = set()
    waiting = list(_files(entry))
    while waiting:
        path = waiting.pop().resolve()
        if path in ours or path in seen:
            continue
        seen.add(path)
        try:
            names = _names_of(path, spark_jars, waiting)
        except (OSError, zipfile.BadZipFile):
            return f"'{path}' cannot be read as a jar or a folder."
        flaw = _flaw(path, names, known)
        if flaw:
            return flaw
    return ""


def _names_of(path: Path, spark_jars: Path, waiting: list[Path]) -> list[str]:
    """Return the files of an entry, and let those wait that its manifest names."""
    if path.is_dir():
        return list(_in_folder(path, "", _packages_of(spark_jars)))
    with zipfile.ZipFile(path) as jar:
        waiting += _named_by(jar, path)
        return jar.namelist()


def _flaw(path: Path, names: Iterable[str], known: frozenset[str]) -> str:
    for name in names:
        plain = _VERSIONED.sub("", name)
        if not plain.endswith(_SUFFIX):
            continue
        dotted = plain.removesuffix(_SUFFIX).replace("/", ".")
        if plain.startswith(OWN_PACKAGE):
            return f"'{path}' has the class {dotted} of Cygnet's own package."
        if plain in known:
            return f"'{path}' has the class {dotted}, which Spark has already."
    return ""


def _files(entry: str) -> Iterator[Path]:
    path = Path(entry)
    if entry.endswith("/*"):
        jars = (it for it in path.parent.glob("*") if it.name.lower().endswith(".jar"))
        yield from jars
    # Something may have the very name `*`, and then that is meant.
    if os.path.exists(path):  # noqa: PTH110 - pathlib's raises where access is denied.
        yield path


def _named_by(jar: zipfile.ZipFile, path: Path) -> Iterator[Path]:
    """Return the files that a jar's manifest and index add to the class path."""
    for name in jar.namelist():
        if name.lower() == _MANIFEST:
            urls = _in_manifest(jar.read(name))
        elif name.lower() == _INDEX:
            lines = jar.read(name).decode("utf-8", "replace").splitlines()
            urls = [line.strip() for line in lines if line.strip().endswith(".jar")]
        else:
            continue
        for url in urls:
            yield from _files(str(path.parent / _path_of(url)))


def _in_manifest(data: bytes) -> list[str]:
    # A line that begins with a space continues the one before.
    text = re.sub(rb"(\r\n|\r|\n) ", b"", data).decode("utf-8", "replace")
    parts = [line.partition(":") for line in re.split(r"[\r\n]+", text)]
    paths = [value for name, _, value in parts if name.lower() == "class-path"]
    return re.findall(r"[^ \t\f]+", " ".join(paths))


def _path_of(url: str) -> str:
    """Return the path that a URL means; Java follows no other than these."""
    path = re.split(r"[?#]", url.removeprefix("file:"))[0]
    return unquote(path)


def _in_folder(folder: Path, inner: str, packages: frozenset[str]) -> Iterator[str]:
    """Return the class files of a folder, in packages that Spark's jars have too."""
    with os.scandir(folder / inner) as entries:
        for entry in entries:
            name = f"{inner}{entry.name}"
            if entry.name.endswith(_SUFFIX):
                yield name
            elif f"{name}/" in packages and entry.is_dir():
                yield from _in_folder(folder, f"{name}/", packages)


@functools.cache
def _classes_of(spark_jars: Path) -> frozenset[str]:
    found: set[str] = set()
    for path in spark_jars.glob("*.jar"):
        with zipfile.ZipFile(path) as jar:
            found.update(name for name in jar.namelist() if name.endswith(_SUFFIX))
    return frozenset(it for it in found if "-" not in it.rpartition("/")[2])


@functools.cache
def _packages_of(spark_jars: Path) -> frozenset[str]:
    own = f"{OWN_PACKAGE}x"
    parents = {PurePosixPath(name).parent for name in (own, *_classes_of(spark_jars))}
    above = {str(it) for path in parents for it in (path, *path.parents)}
    return frozenset(f"{it}/" for it in above)
