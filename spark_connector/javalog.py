"""What the lines are that Spark's Java process writes: its log, or prints of workers.

Workers on this machine print where Java does.
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


def is_printed(line: str) -> bool:
    """Tell whether a Python worker has printed a line.

    Parameters
    ----------
    line
        One line of Java's output, once a session runs.

    Returns
    -------
    bool
        False for what Java itself says.
    """
    return read_line(line) is None and not _MORE.match(line)
