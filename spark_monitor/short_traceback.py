"""Shows failures of Spark as a sentence and the user's own lines, in threads too.

The sentence comes from `reason`, and for stopped work from `cancellation` and
`interrupt`; `%tb` still shows everything.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from spark_monitor import cancellation
from spark_monitor.import_hook import ImportHook
from spark_monitor.own_lines import own_lines, written
from spark_monitor.patch import Patch
from spark_monitor.reason import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from IPython.core.interactiveshell import InteractiveShell

    from spark_monitor.own_lines import Line
    from spark_monitor.reason import Reason

_ERRORS = "pyspark.errors.exceptions.base"
_CAPTURED = "pyspark.errors.exceptions.captured"
_QUERY_LOGGERS = ("DataFrameQueryContextLogger", "SQLQueryContextLogger")
_MORE = "%tb shows everything."
_WHERE = "%tb shows where."


class ShortTracebacks:
    """Makes a shell and threads show known failures briefly, until `remove`.

    `interrupted` returns the sentence for an error by an interrupt, else None.

    Notes
    -----
    IPython has one place only for handlers of errors (`set_custom_exc`), which others
    use. `showtraceback` is what all of them end in, and its argument tells the end of
    a cell from `%tb`, which still shows everything.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        interrupted: Callable[[BaseException | None], str | None],
    ) -> None:
        self._shell: Any = shell
        self._interrupted = interrupted
        warnings.filterwarnings("ignore", cancellation.SAID_TWICE, UserWarning)
        self._patches = [
            Patch(shell, "showtraceback", self._showing_briefly),
            Patch(threading, "excepthook", self._reporting_briefly),
        ]
        self._filter = _NotOfLostJava()
        logging.getLogger().addFilter(self._filter)
        self._hooks = [
            ImportHook(_ERRORS, _silence_queries),
            ImportHook("py4j.protocol", self._text_of("Py4JJavaError", "errmsg")),
            ImportHook(_CAPTURED, self._text_of("CapturedException", "_desc")),
        ]

    def remove(self) -> None:
        """Show all failures as before."""
        for hook in self._hooks:
            hook.remove()
        logging.getLogger().removeFilter(self._filter)
        for patch in reversed(self._patches):
            patch.undo()

    def _text_of(self, name: str, attribute: str) -> Callable[[ModuleType], None]:
        """Let errors of a class have a text also when Java is gone that knows it."""

        def answering(text: Callable[..., str]) -> Callable[..., str]:
            @functools.wraps(text)
            def wrapper(error: BaseException) -> str:
                # IPython (9) asks each error for its text, to keep it in its history,
                # and is lost without.
                try:
                    return text(error)
                except (OSError, AssertionError, AttributeError, _py4j_error()):
                    return str(vars(error).get(attribute))

            return wrapper

        def patch(module: ModuleType) -> None:
            self._patches.append(Patch(getattr(module, name), "__str__", answering))

        return patch

    def _showing_briefly(self, show: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(show)
        def wrapper(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - IPython's own.
            error = sys.exc_info()[1]
            if error is None or not kwargs.get("running_compiled_code"):
                return show(*args, **kwargs)
            said = self._interrupted(error)
            if said is not None and isinstance(error, Exception):
                # What an interrupt has made of itself is none of the user's errors.
                trace = error.__traceback__
                error = KeyboardInterrupt()
                args = ((KeyboardInterrupt, error, trace),)
            lines = self._lines_for(error, said or cancellation.sentence(error))
            if lines is None:
                return show(*args, **kwargs)
            # IPython asks an error for what to show; for `%tb` it must not answer.
            attributes = vars(error)
            attributes["_render_traceback_"] = lambda: lines
            try:
                return show(*args, **kwargs)
            finally:
                del attributes["_render_traceback_"]

        return wrapper

    def _lines_for(self, error: BaseException, said: str | None) -> list[str] | None:
        if said is not None:
            return [f"{said} {_WHERE}"]
        # An error that shows itself is left to itself.
        reason = None if hasattr(error, "_render_traceback_") else reason_of(error)
        return None if reason is None else [*self._lines(reason, error), _MORE]

    def _reporting_briefly(self, report: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(report)
        def wrapper(args: threading.ExceptHookArgs) -> object:
            error = args.exc_value
            said, reason = cancellation.sentence(error), reason_of(error)
            if said is not None:
                lines = [said]
            elif error is None or reason is None:
                return report(args)
            else:
                lines = self._lines(reason, error)
            name = args.thread.name if args.thread else "a thread"
            sys.stderr.write("\n".join([f"In {name}: {lines[0]}", *lines[1:], ""]))
            return None

        return wrapper

    def _lines(self, reason: Reason, error: BaseException) -> list[str]:
        lines = reason.sentence.splitlines()
        callers = own_lines(error, but=reason.worker_lines)
        if reason.worker_lines:
            lines += ["In a Python worker:", *self._written(reason.worker_lines)]
            lines += ["Called by:"] if callers else []
        return [*lines, *self._written(callers)]

    def _written(self, lines: Iterable[Line]) -> list[str]:
        return [f"  {written(line, self._cell_name)}" for line in lines]

    def _cell_name(self, file: str) -> str | None:
        name = self._shell.compile.format_code_name(file)
        return None if name is None else " ".join(name)


class _NotOfLostJava(logging.Filter):
    """Leaves out what py4j (0.10) logs of a lost connection: it raises an error too."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        is_lost = record.msg == "Exception while sending command."
        return not (is_lost and "py4j" in record.pathname)


def _py4j_error() -> type[BaseException]:
    protocol = sys.modules.get("py4j.protocol")
    found: type[BaseException] = getattr(protocol, "Py4JError", OSError)
    return found


def _silence_queries(module: ModuleType) -> None:
    # pyspark 4.3 writes each error of a query as kilobytes of JSON, and raises it. Who
    # wants them sets the level of the logger, as of any other.
    maker = getattr(module, "PySparkLogger", None)
    if maker is None:
        return
    for name in _QUERY_LOGGERS:
        maker.getLogger(name).setLevel(logging.CRITICAL)
