"""Which of the lines that Spark's Java process writes belong into the session log."""

import re

from spark_connector.state import Level

# The pattern of data/conf/log4j2.properties.
_LINE = re.compile(r"(WARN|ERROR|FATAL) (\S+): (.+)")
_FAILURE = re.compile(r"(Exception in thread|Error: |Error occurred|#  )\s*\S")


def read_line(line: str) -> tuple[Level, str] | None:
    """Return what a line adds to the log.

    Parameters
    ----------
    line
        One line of Java's output.

    Returns
    -------
    tuple or None
        Level and text; None for what is not from warnings up.
    """
    match = _LINE.match(line)
    if match is not None:
        level = Level.WARNING if match[1] == "WARN" else Level.ERROR
        return level, f"{match[2]}: {match[3]}"
    if _FAILURE.match(line):
        return Level.ERROR, line
    return None
