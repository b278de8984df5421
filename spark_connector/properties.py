"""The file that brings a session's settings to Java, readable by the user alone."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spark_connector.setting import Setting

_PREFIX = "cygnet-connect-"
_FILE = "spark.properties"


def format_properties(settings: Iterable[Setting]) -> str:
    """Return settings as a Java properties file: ASCII, one line for each.

    Java reads back exactly what was given, so no value can bring in another key.
    """
    lines = [f"{_escape(s.key, in_key=True)}={_escape(s.value)}" for s in settings]
    return "".join(f"{line}\n" for line in lines)


def _escape(text: str, *, in_key: bool = False) -> str:
    special = " \t\f=:#!\\" if in_key else " \t\f\\"
    out: list[str] = []
    for char in text:
        if char in special:
            out.append(f"\\{char}" if char in " =:#!\\" else f"\\u{ord(char):04x}")
        elif " " < char <= "~":
            out.append(char)
        else:
            units = char.encode("utf-16-be", "surrogatepass")
            pairs = zip(units[::2], units[1::2], strict=True)
            out += [f"\\u{high:02x}{low:02x}" for high, low in pairs]
    return "".join(out)


@contextmanager
def private_directory(settings: Iterable[Setting]) -> Iterator[Path]:
    """Keep a properties file for the length of a block, in a directory of its own.

    Only the user can enter the directory and read its file `spark.properties`. It is
    gone after the block, whatever happens; if this process is killed meanwhile, then
    after the next one's block.
    """
    _remove_leftovers()
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _opened(directory) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _write(directory / _FILE, format_properties(settings))
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a text to a file that only the user can read, in one step."""
    write_private_bytes(path, text.encode())


def write_private_bytes(path: Path, data: bytes) -> None:
    """Write bytes to a file that only the user can read, in one step."""
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def _remove_leftovers() -> None:
    """Remove the directories of this user's processes that were killed."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # What is another's, or in use, or gone by now, cannot be opened and locked.
        with suppress(OSError), _opened(directory) as descriptor:
            if os.fstat(descriptor).st_uid != os.geteuid():
                continue
            # The lock ends with its process, wherever that ran; a process number may
            # be given again, or count in another container.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Without the file its maker may be just about to lock it.
            if (directory / _FILE).exists():
                shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    descriptor = os.open(directory, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
