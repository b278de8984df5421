"""What a session may not be asked for, found before anything is started.

Pure functions from settings to problems; none of them stops at the first, and problems
have the order of the settings. Unless it says otherwise, a check takes settings as
written, before they are merged.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from packaging.specifiers import SpecifierSet

from spark_connector.bundle import NamedBundle
from spark_connector.java_option import refused_options
from spark_connector.java_variable import JAVA_OPTION_VARIABLES
from spark_connector.problem import Problem
from spark_connector.rules import (
    CODE,
    JAVA_OPTION_KEYS,
    Protection,
    protection_of,
    separator_of,
)
from spark_connector.setting import Setting
from spark_connector.size import format_size, parse_size

_KEY = re.compile(r"spark\.[\w.\-/:]*\w|spark\.metrics\.conf\.(\*|\w+)\.[\w.\-*]*\w")
# https://spark.apache.org/docs/latest/monitoring.html#metrics, without the servlets,
# which belong to the Spark UI.
_METRICS = re.compile(
    r"org\.apache\.spark\.metrics\."
    r"(sink\.(Console|CSV|Graphite|Jmx|Slf4j|Statsd)Sink|source\.JvmSource)"
)
_METRICS_CLASS = re.compile(r"spark\.metrics\.conf\..*\.class")
_FILES = ("spark.jars", "spark.files", "spark.archives", "spark.submit.pyFiles")
_CLASS_PATHS = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")
_MEMORY_KEYS = ("spark.driver.memory", "spark.executor.memory")
_ELSEWHERE = "spark.executor.memory"
_CODE_VARIABLE = re.compile(
    r"spark\.executorEnv\.(BASH_ENV|ENV|CLASSPATH|BASH_FUNC_.*|LD_(PRELOAD|AUDIT)|"
    r"DYLD_INSERT_LIBRARIES)"
)
_FOR_EXECUTORS = re.compile(r"spark\.executorEnv\.\w*(OPTIONS|OPTS)")


def check_keys(settings: Iterable[Setting]) -> list[Problem]:
    """Return a problem for each key that Spark would ignore or misread."""
    return [
        Problem(
            setting.origin,
            setting.key,
            "Spark keys begin with 'spark.' and hold no spaces; Spark ignores others.",
            "Correct the key; Hadoop's keys are written 'spark.hadoop.…'.",
        )
        for setting in settings
        if _KEY.fullmatch(setting.key) is None
    ]


def check_protected(
    settings: Iterable[Setting], table: Sequence[Protection]
) -> list[Problem]:
    """Return a problem for each setting weaker than the session's protections."""
    problems: list[Problem] = []
    for setting in settings:
        protection = protection_of(setting.key, table)
        if protection is not None and not protection.accepts(setting.value):
            problems.append(_weakened(setting, protection))
    return problems


def _weakened(setting: Setting, protection: Protection) -> Problem:
    wanted = protection.value
    remedy = "Remove it." if wanted is None else f"Remove it; it is always '{wanted}'."
    reason = f"'{setting.shown}' is refused. {protection.reason}"
    return Problem(setting.origin, setting.key, reason, remedy)


def check_metrics(settings: Iterable[Setting]) -> list[Problem]:
    """Return a problem for each metrics setting that is foreign or opens a port."""
    problems: list[Problem] = []
    for setting in settings:
        if setting.key == "spark.metrics.conf":
            reason = "The sinks that the file names cannot be checked."
            remedy = "Write each of its lines as an option 'spark.metrics.conf.…'."
            problems.append(Problem(setting.origin, setting.key, reason, remedy))
        elif _METRICS_CLASS.fullmatch(setting.key) and not _METRICS.fullmatch(
            setting.value.strip()
        ):
            reason = f"'{setting.shown}' is not one of Spark's own that open no port."
            remedy = "Choose the console, CSV, Graphite, JMX, SLF4J or StatsD sink."
            problems.append(Problem(setting.origin, setting.key, reason, remedy))
    return problems


def check_files(
    settings: Iterable[Setting], work: str, is_there: Callable[[str], bool]
) -> list[Problem]:
    """Return a problem for each file that is missing on this machine.

    Relative paths begin at `work`; `is_there` takes a path that may have wildcards. In
    class paths only jars are looked for: a missing folder is usual there.
    """
    problems: list[Problem] = []
    for setting in settings:
        separator = separator_of(setting.key) or ","
        if setting.key in _FILES:
            paths = _local_paths(setting.value.split(separator))
        elif setting.key in _CLASS_PATHS:
            paths = [p for p in setting.value.split(separator) if p.endswith(".jar")]
        else:
            continue
        for path in paths:
            if not is_there(posixpath.join(work, path)):
                reason = f"There is no file '{path}' on this machine."
                remedy = "Correct the path, or put the file there."
                problems.append(Problem(setting.origin, setting.key, reason, remedy))
    return problems


def check_class_paths(
    settings: Iterable[Setting], work: str, flaw_of: Callable[[str], str]
) -> list[Problem]:
    """Return a problem for each entry of a class path that replaces classes.

    Relative paths begin at `work`; `flaw_of` says what is wrong with an entry, or is
    empty.
    """
    remedy = "Name the jar in spark.jars, which adds classes and replaces none."
    return [
        Problem(setting.origin, setting.key, f"{flaw} {CODE}", remedy)
        for setting in settings
        if setting.key in _CLASS_PATHS
        for entry in setting.value.split(":")
        if (flaw := flaw_of(posixpath.join(work, entry)))
    ]


def _local_paths(entries: Iterable[str]) -> list[str]:
    """Return the paths of this machine among entries, which may be addresses."""
    paths: list[str] = []
    # What follows `#` is the name that the file gets.
    for entry in (it.strip().partition("#")[0] for it in entries):
        scheme, colon, rest = entry.partition(":")
        # An address has its blanks and the like as `%20`, a path as they are.
        path = unquote(rest) if colon and scheme in {"file", "local"} else entry
        if colon and scheme not in {"file", "local"} and "/" not in scheme:
            continue
        if path:
            paths.append(f"/{path.lstrip('/')}" if path.startswith("//") else path)
    return paths


def check_java_options(settings: Iterable[Setting]) -> list[Problem]:
    """Return a problem for each refused Java option in settings and in variables.

    The key of a variable is its name.
    """
    problems: list[Problem] = []
    for setting in settings:
        if _holds_java_options(setting.key):
            problems += _refused_options(setting)
    return problems


def _holds_java_options(key: str) -> bool:
    is_known = key in JAVA_OPTION_KEYS or key in JAVA_OPTION_VARIABLES
    return is_known or _FOR_EXECUTORS.fullmatch(key) is not None


def _refused_options(setting: Setting) -> list[Problem]:
    try:
        refusals = refused_options(setting.value)
    except ValueError as error:
        remedy = "Write the options out, with plain quotes and spaces."
        return [Problem(setting.origin, setting.key, str(error), remedy)]
    return [
        Problem(
            setting.origin,
            setting.key,
            f"The Java option '{refusal.option}' is refused. {refusal.reason}",
            "Remove it.",
        )
        for refusal in refusals
    ]


def check_executor_variables(settings: Iterable[Setting]) -> list[Problem]:
    """Return a problem for each variable by which executors would run foreign code."""
    reason = "The variable makes each executor run foreign code before Spark's own."
    return [
        Problem(setting.origin, setting.key, reason, "Remove it.")
        for setting in settings
        if _CODE_VARIABLE.fullmatch(setting.key)
    ]


def check_versions(bundles: Sequence[NamedBundle], spark_version: str) -> list[Problem]:
    """Return a problem for each bundle that is for another version of Spark.

    The version is empty where pyspark is not installed, which is one problem itself.
    """
    if not spark_version:
        reason = "pyspark is not installed in this kernel's environment."
        remedy = "Run %pip install 'cygnet[spark]'."
        return [Problem("this kernel", None, reason, remedy)]
    return [
        Problem(
            named.place,
            "spark",
            f"The bundle is for Spark {named.bundle.spark}; this is {spark_version}.",
            "Choose another bundle or ask its owner.",
        )
        for named in bundles
        if not SpecifierSet(named.bundle.spark or "").contains(
            spark_version, prereleases=True
        )
    ]


def check_memory(
    settings: Iterable[Setting], machine: int, *, is_local: bool
) -> list[Problem]:
    """Return a problem for each memory size, merged, that is invalid or too large.

    `machine` is this machine's memory in bytes; executors have to fit into it only
    where `is_local`.
    """
    problems: list[Problem] = []
    for setting in settings:
        if setting.key not in _MEMORY_KEYS:
            continue
        try:
            size = parse_size(setting.value)
        except ValueError as error:
            remedy = "Correct the value."
            problems.append(Problem(setting.origin, setting.key, str(error), remedy))
            continue
        if size > machine and (is_local or setting.key != _ELSEWHERE):
            there = format_size(machine)
            reason = f"{setting.value} is more than this machine has ({there})."
            remedy = f"Ask for less, at most about {format_size(machine * 3 // 4)}."
            problems.append(Problem(setting.origin, setting.key, reason, remedy))
    return problems
