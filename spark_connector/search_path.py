"""Which parts of an environment depend on the folder that a program runs in.

For a kernel that is the notebook's folder, which another user may have filled: an empty
or relative entry would let that folder run code before any cell does. Absolute entries
are the user's own. Pure.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

LEFT_OUT = "CYGNET_LEFT_OUT"
"""The variable that hands on, line by line, what was left out and why."""

LISTS = (
    "CLASSPATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "HADOOP_CLASSPATH",
    "JUPYTER_CONFIG_PATH",
    "JUPYTER_PATH",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "SPARK_DIST_CLASSPATH",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_DIRS",
)
"""Variables with a list of folders or files."""

PLACES = (
    "BASH_ENV",
    "HADOOP_CONF_DIR",
    "HADOOP_HOME",
    "HIVE_CONF_DIR",
    "HIVE_HOME",
    "IPYTHONDIR",
    "JAVA_HOME",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "PIP_CONFIG_FILE",
    "PYTHONHOME",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "SPARK_CONF_DIR",
    "SPARK_HOME",
    "UV_CONFIG_FILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "YARN_CONF_DIR",
)
"""Variables with one folder or file."""

PROGRAMS = ("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")
"""Variables with a program; a bare name is looked up in PATH."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A list of folders or files, taken apart."""

    kept: str
    """The absolute entries, in order, with the separator between them."""

    left_out: tuple[str, ...]
    """The entries that are empty or relative."""


def absolute_entries(text: str, separator: str = os.pathsep) -> Entries:
    """Separate the absolute entries of a list like PATH from empty and relative ones.

    An empty text has no entries.
    """
    entries = text.split(separator) if text else []
    kept = [entry for entry in entries if _is_absolute(entry)]
    left_out = tuple(entry for entry in entries if not _is_absolute(entry))
    return Entries(separator.join(kept), left_out)


def absolute_only(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that means the same in every folder.

    Empty and relative entries are removed; `LEFT_OUT` lists them.
    """
    kept = dict(environment)
    sentences: list[str] = []
    for name in LISTS:
        entries = absolute_entries(environment.get(name, ""))
        if entries.left_out:
            sentences.append(sentence(name, entries.left_out))
            _replace(kept, name, entries.kept)
    for name in (*PLACES, *PROGRAMS):
        value = environment.get(name, "")
        is_looked_up = name in PROGRAMS and os.sep not in value
        if value and not _is_absolute(value) and not is_looked_up:
            sentences.append(sentence(name, (value,)))
            del kept[name]
    return with_left_out(kept, sentences)


def sentence(name: str, entries: Iterable[str]) -> str:
    """Return a sentence about entries that were left out, with the reason."""
    named = ", ".join(f"'{entry}'" for entry in entries)
    return (
        f"{name}: {named} was left out, because an empty or relative path means "
        "another place in each folder."
    )


def left_out(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sentences of `LEFT_OUT`, oldest first."""
    return tuple(environment.get(LEFT_OUT, "").splitlines())


def with_left_out(
    environment: Mapping[str, str], sentences: Iterable[str]
) -> dict[str, str]:
    """Return a copy of an environment with sentences added to `LEFT_OUT`, each once."""
    known = dict.fromkeys([*left_out(environment), *sentences])
    return {**environment, LEFT_OUT: "\n".join(known)} if known else {**environment}


def _is_absolute(entry: str) -> bool:
    return PurePath(entry).is_absolute()


def _replace(environment: dict[str, str], name: str, value: str) -> None:
    # An empty PATH or LD_LIBRARY_PATH would mean the working directory again.
    if value:
        environment[name] = value
    else:
        del environment[name]
