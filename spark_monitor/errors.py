"""The errors of the monitor.

MonitorError
├── FrameError           a text is not a frame of docs/reference/wire.md
├── ListenerMissingError the listener's jar was not built
├── ForeignClassError    the JVM has another class of one of our names
├── ListenerError        our code in the JVM failed
└── JvmError             the JVM is gone

None of them ever reaches a cell: the monitor shows what it knows, or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class MonitorError(Exception):
    """The root of every error of this package."""


class FrameError(MonitorError):
    """A text from the JVM is not a frame.

    Parameters
    ----------
    place
        Where in the frame, such as ``cells.0.state``.
    reason
        What is wrong there.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"Not a frame of docs/reference/wire.md: {place}: {reason}")
        self.place = place
        self.reason = reason


class ListenerMissingError(MonitorError):
    """The listener's jar is not there.

    Parameters
    ----------
    jar
        Where it should be.
    """

    def __init__(self, jar: Path) -> None:
        super().__init__(f"{jar} is missing: run scripts/build_jar.py.")
        self.jar = jar


class ForeignClassError(MonitorError):
    """The JVM gave a class that is not from our jar.

    Parameters
    ----------
    name
        Its full name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"Spark's Java has another class {name} than Cygnet's.")
        self.name = name


class ListenerError(MonitorError):
    """Our code in the JVM failed.

    Parameters
    ----------
    cause
        The Java exception.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"The listener in the JVM failed: {cause}")


class JvmError(MonitorError):
    """The JVM of a Spark application is gone.

    Parameters
    ----------
    cause
        What py4j says.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"The JVM of the Spark application did not answer: {cause}")
