"""Spark settings from outside of `connect()`, each with its origin.

Reads `spark-defaults.conf`, variables that are settings by another name, and
`PYSPARK_SUBMIT_ARGS`, so that all of them count (and are checked) although Spark itself
never sees them.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from spark_connector.environment import Environment
from spark_connector.problem import Problem
from spark_connector.setting import Setting

SUBMIT = "PYSPARK_SUBMIT_ARGS"

# https://spark.apache.org/docs/latest/submitting-applications.html
_FLAGS = {
    "--archives": "spark.archives",
    "--conf": "",
    "-c": "",
    "--deploy-mode": "spark.submit.deployMode",
    "--driver-class-path": "spark.driver.extraClassPath",
    "--driver-java-options": "spark.driver.extraJavaOptions",
    "--driver-library-path": "spark.driver.extraLibraryPath",
    "--driver-memory": "spark.driver.memory",
    "--exclude-packages": "spark.jars.excludes",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--files": "spark.files",
    "--jars": "spark.jars",
    "--master": "spark.master",
    "--name": "spark.app.name",
    "--packages": "spark.jars.packages",
    "--py-files": "spark.submit.pyFiles",
    "--remote": "spark.remote",
    "--repositories": "spark.jars.repositories",
}


def default_settings(
    environment: Environment,
) -> tuple[list[Setting], list[Problem]]:
    """Return the environment's settings, weakest first, and problems of reading."""
    settings: list[Setting] = []
    problems: list[Problem] = []
    path = environment.spark_conf
    if path is not None and path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(_unreadable(path, error))
        else:
            settings += parse_defaults(text, str(path))
    settings += [Setting(key, it, name) for name, key, it in environment.settings]
    submitted, refused = parse_submit(environment.submit_args)
    return settings + submitted, problems + refused


def folder_problems(
    settings: Mapping[str, Setting], environment: Environment
) -> list[Problem]:
    """Return a problem for a file that Java would read in the working directory.

    Hive's own database, Derby, would take its settings from it, and another user may
    have written it; it can name files to be overwritten.
    """
    catalog = settings.get("spark.sql.catalogImplementation")
    if not environment.has_derby_properties or catalog is None:
        return []
    if catalog.value.strip().lower() != "hive":
        return []
    reason = "Hive's own database would take settings from this file of the folder."
    remedy = "Move the file away, or start the notebook in another folder."
    return [Problem("derby.properties", catalog.key, reason, remedy)]


def ineffective(settings: Mapping[str, Setting]) -> list[str]:
    """Return a sentence for each setting with no effect in a session of `connect()`.

    Spark reads these where `spark-submit` starts Python.
    """
    return [
        f"{key} is not used: workers run what PYSPARK_PYTHON names, else the Python of "
        "this kernel."
        for key in ("spark.pyspark.python", "spark.pyspark.driver.python")
        if key in settings
    ]


def _unreadable(path: Path, error: Exception) -> Problem:
    reason = f"The file cannot be read ({error})."
    return Problem(str(path), None, reason, "Make it readable or unset SPARK_CONF_DIR.")


def parse_defaults(text: str, place: str) -> list[Setting]:
    """Read a file like `spark-defaults.conf`: settings in order, each with its line.

    A line is a key and a value with spaces, `=` or `:` between, as in Java's properties
    files; `#` and `!` begin a comment.
    """
    settings: list[Setting] = []
    pending = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = pending + raw.strip()
        if not line or line[0] in "#!":
            continue
        if line.endswith("\\") and not line.endswith("\\\\"):
            pending = line[:-1]
            continue
        pending = ""
        key, _, value = _split(line)
        settings.append(Setting(key, value.strip(), f"{place}, line {number}"))
    return settings


def _split(line: str) -> tuple[str, str, str]:
    match = re.search(r"(?<!\\)\s*[=:\s]\s*", line)
    if match is None:
        return _unescape(line), "", ""
    head, tail = line[: match.start()], line[match.end() :]
    return _unescape(head), "", _unescape(tail)


def _unescape(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)


def parse_submit(text: str) -> tuple[list[Setting], list[Problem]]:
    """Read arguments of `spark-submit`: settings in their order, and problems.

    There is a problem for each argument that has no Spark key.
    """
    settings: list[Setting] = []
    problems: list[Problem] = []
    try:
        words = shlex.split(text)
    except ValueError as error:
        remedy = "Correct the variable."
        return [], [Problem(SUBMIT, None, f"It cannot be read: {error}.", remedy)]
    while words:
        flag, equals, value = words.pop(0).partition("=")
        if flag in {"pyspark-shell", "--verbose"}:
            continue
        if flag not in _FLAGS:
            reason = "This argument has no effect on a session of connect()."
            problems.append(Problem(SUBMIT, flag, reason, "Remove it."))
            continue
        if not equals:
            value = words.pop(0) if words else ""
        key = _FLAGS[flag]
        if not key:
            key, _, value = value.partition("=")
        settings.append(Setting(key, value, SUBMIT))
    return settings, problems
