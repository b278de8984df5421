"""The message of a cell whose Spark job was cancelled from the notebook.

Recognises the errors that such a cancellation causes, and leaves every other one alone.
"""

from __future__ import annotations

import re

from spark_monitor import interrupt
from spark_monitor.java_error import causes

REASON = "Stopped from the notebook"
_REASONS = f"(?P<reason>{REASON}|{interrupt.REASON})"
_CANCELLED = re.compile(rf"(?:\[[A-Z_]+\] )?Job (?P<job>\d+) cancelled {_REASONS}\b")
SAID_TWICE = rf"(?s)toPandas attempted Arrow.*Job \d+ cancelled {_REASONS}\b"
"""The warning of toPandas (pyspark 4.3) that has an error's text, and raises it too."""


def sentence(error: BaseException | None) -> str | None:
    """Return the sentence for an error that is a cancellation by the user, else None.

    An error of Python that was made of ours is something else: its author has more to
    say.
    """
    matches = (_CANCELLED.match(it.message) for it in causes(error))
    found = next(filter(None, matches), None)
    if found is None:
        return None
    if found["reason"] == interrupt.REASON:
        return interrupt.SENTENCE
    return f"Stopped: the Spark job was stopped from the notebook (job {found['job']})."
