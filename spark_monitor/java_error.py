"""The causes of an error that came out of Spark's Java.

Asks the Java process; when that is gone, there are none.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

_MOST_CAUSES = 20
_MOST_CHARACTERS = 20_000
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\] ")
_PLAN = ";\n"


@dataclass(frozen=True, slots=True)
class Cause:
    """One error of a chain."""

    kind: str
    """The full name of its class."""
    message: str
    """At most 20,000 characters."""

    @property
    def condition(self) -> str:
        """Spark's name of the fault, such as ``TABLE_OR_VIEW_NOT_FOUND``, or none."""
        found = _CONDITION.match(self.message)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """The message without Spark's name of the fault and without a query's plan."""
        text = _CONDITION.sub("", self.message, count=1)
        return text.split(_PLAN, 1)[0].strip()


def causes(error: BaseException | None) -> list[Cause]:
    """Return the causes of an error, the outermost first.

    Empty for what does not come from Java, and where Java does not answer any more.
    """
    # Without py4j there is no Spark that could have raised it.
    protocol = sys.modules.get("py4j.protocol")
    if protocol is None:
        return []
    found: list[Cause] = []
    try:
        java_error = _java_side(error, protocol)
        while java_error is not None and len(found) < _MOST_CAUSES:
            kind = str(java_error.getClass().getName())
            message = str(java_error.getMessage() or "")[:_MOST_CHARACTERS]
            found.append(Cause(kind, message.lstrip()))
            java_error = java_error.getCause()
    except (protocol.Py4JError, OSError):
        return []
    return found


def client_of(error: BaseException | None) -> object:
    """Return py4j's client of the Java process that raised an error, if one did."""
    protocol = sys.modules.get("py4j.protocol")
    java_error = None if protocol is None else _java_side(error, protocol)
    client: object = getattr(java_error, "_gateway_client", None)
    return client


def _java_side(error: BaseException | None, protocol: Any) -> Any:  # noqa: ANN401 - py4j has no types.
    if isinstance(error, protocol.Py4JJavaError):
        return error.java_exception
    captured = sys.modules.get("pyspark.errors.exceptions.captured")
    if captured is not None and isinstance(error, captured.CapturedException):
        return error._origin  # noqa: SLF001 - pyspark has no public way.
    return None
