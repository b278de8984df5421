"""What a cell says whose Spark job was stopped from the notebook: a sentence or two.

Decides which errors are nothing but that, and leaves every other one, and their
tracebacks, alone.
"""

from __future__ import annotations

import functools
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any

from spark_monitor import interrupt
from spark_monitor.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

REASON = "Stopped from the notebook"
_REASONS = f"(?P<reason>{REASON}|{interrupt.REASON})"
_CANCELLED = re.compile(rf"(?:\[[A-Z_]+\] )?Job (?P<job>\d+) cancelled {_REASONS}\b")
_MOST_CAUSES = 20
# pyspark 4.3 warns of an error in toPandas with the error's whole text, and raises it.
_SAID_TWICE = rf"(?s)toPandas attempted Arrow.*Job \d+ cancelled {_REASONS}\b"


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
    # Without py4j there is no Spark that could have raised it.
    protocol = sys.modules.get("py4j.protocol")
    if protocol is None:
        return None
    try:
        found = _stopped_job(_java_side(error, protocol))
    except (protocol.Py4JError, OSError):
        return None
    if found is None:
        return None
    if found["reason"] == interrupt.REASON:
        return interrupt.SENTENCE
    return (
        f"Stopped: the Spark job was stopped from the notebook (job {found['job']}). "
        "%tb shows where."
    )


class Brevity:
    """Lets a shell show errors of stopped jobs in a sentence, until `remove`.

    Parameters
    ----------
    shell
        IPython's.
    interrupted
        Says of an error what it is if it comes of an interrupt, else None.

    Notes
    -----
    IPython has one place only for handlers of errors (`set_custom_exc`), which others
    use. `showtraceback` is what all of them end in, and its argument tells the end of
    a cell from `%tb`, which goes on showing everything.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        interrupted: Callable[[BaseException | None], str | None],
    ) -> None:
        self._interrupted = interrupted
        self._patch = Patch(shell, "showtraceback", self._showing_briefly)
        warnings.filterwarnings("ignore", _SAID_TWICE, UserWarning)

    def remove(self) -> None:
        """Show all errors as before."""
        self._patch.undo()

    def _showing_briefly(self, show: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(show)
        def wrapper(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - IPython's own.
            error = sys.exc_info()[1]
            if error is None or not kwargs.get("running_compiled_code"):
                return show(*args, **kwargs)
            interrupted = self._interrupted(error)
            if interrupted is not None and isinstance(error, Exception):
                # What an interrupt has made of itself is none of the user's errors.
                trace = error.__traceback__
                error = KeyboardInterrupt()
                args = ((KeyboardInterrupt, error, trace),)
            said = interrupted or sentence(error)
            return _showing(show, said, error)(*args, **kwargs)

        return wrapper


def _showing(
    show: Callable[..., Any], said: str | None, error: BaseException
) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - IPython's own.
        # IPython asks an error for what to show; for `%tb` it must not answer.
        attributes = vars(error)
        attributes["_render_traceback_"] = lambda: [said]
        try:
            return show(*args, **kwargs)
        finally:
            del attributes["_render_traceback_"]

    return show if said is None else wrapper


def _java_side(error: BaseException | None, protocol: Any) -> Any:  # noqa: ANN401 - py4j has no types.
    if isinstance(error, protocol.Py4JJavaError):
        return error.java_exception
    captured = sys.modules.get("pyspark.errors.exceptions.captured")
    if captured is not None and isinstance(error, captured.CapturedException):
        return error._origin  # noqa: SLF001 - pyspark has no public way.
    return None


def _stopped_job(java_error: Any) -> re.Match[str] | None:  # noqa: ANN401 - an object of Java.
    for _ in range(_MOST_CAUSES):
        if java_error is None:
            return None
        found = _CANCELLED.match(java_error.getMessage() or "")
        if found:
            return found
        java_error = java_error.getCause()
    return None
