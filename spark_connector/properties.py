"""The file that brings a session's settings to Java, and to nobody else."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spark_connector.setting import Setting


def format_properties(settings: Iterable[Setting]) -> str:
    """Return settings as a Java properties file.

    Parameters
    ----------
    settings
        Keys and values of any characters.

    Returns
    -------
    str
        ASCII text, one line for each setting; Java reads back exactly what was given,
        so no value can smuggle in another key.
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
    """Keep a properties file for the length of a block.

    Parameters
    ----------
    settings
        What the file says.

    Yields
    ------
    Path
        A directory that only the user can enter, with the file `spark.properties`
        that only the user can read. It is gone after the block, whatever happens.
    """
    directory = Path(tempfile.mkdtemp(prefix="cygnet-connect-"))
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(directory / "spark.properties", flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(format_properties(settings))
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
