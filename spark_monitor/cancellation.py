"""What a cell says whose Spark job was stopped from the notebook: a sentence or two.

Decides which errors are nothing but that, and leaves every other one alone.
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
    """Say of an error that a person has stopped the job.

    Parameters
    ----------
    error
        What a cell has raised.

    Returns
    -------
    str or None
        None when the error is anything else. An error of Python that was made of ours
        is something else: whoever made it has more to say.
    """
    matches = (_CANCELLED.match(it.message) for it in causes(error))
    found = next(filter(None, matches), None)
    if found is None:
        return None
    if found["reason"] == interrupt.REASON:
        return interrupt.SENTENCE
    return f"Stopped: the Spark job was stopped from the notebook (job {found['job']})."
