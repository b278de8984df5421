"""Tells lines of Java's log from what Python workers print.

Workers on this machine print to the output of Spark's Java process.
"""

import re

from spark_connector.state import Level

# The pattern of data/conf/log4j2.properties.
_LINE = re.compile(r"(WARN|ERROR|FATAL) (\S+): (.+)")
_FAILURE = re.compile(r"(Exception in thread|Error: |Error occurred|#  )\s*\S")
# Lines that follow on the first one of a message, or of what Java prints of an error.
_MORE = re.compile(
    r"\x1f|(INFO|DEBUG|TRACE) \S+: |\t(at|Suppressed:) |\t\.\.\. \d+ more|Caused by: "
)


def read_line(line: str) -> tuple[Level, str] | None:
    """Return level and text that a line of Java's output adds to the log.

    None for anything below a warning.
    """
    match = _LINE.match(line)
    if match is not None:
        level = Level.WARNING if match[1] == "WARN" else Level.ERROR
        return level, f"{match[2]}: {match[3]}"
    if _FAILURE.match(line):
        return Level.ERROR, line
    return None


def is_printed(line: str) -> bool:
    """Return whether a Python worker has printed a line, once a session runs."""
    return read_line(line) is None and not _MORE.match(line)
