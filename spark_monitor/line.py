"""Asks Java something and waits for the answer for a limited time.

A Java process that stands still (stopped, out of memory, swapped out) answers no call,
and py4j waits forever. So the question is asked in a thread of its own.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from spark_monitor import cells

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class Line:
    """A line to one Java process that is never waited on for long.

    Notes
    -----
    While a question that took too long has no answer, the next one gets none either:
    threads that wait for a Java process must not pile up.
    """

    def __init__(self) -> None:
        self._stuck: threading.Thread | None = None

    def ask(self, question: Callable[[], Answer], seconds: float) -> Answer:
        """Ask, and wait for the answer so many seconds, else raise TimeoutError.

        A question that takes too long goes on in its thread.
        """
        if self._stuck is not None and self._stuck.is_alive():
            raise TimeoutError
        asking = _Asking(question)
        thread = threading.Thread(
            target=asking.run, name="cygnet-spark-question", daemon=True
        )
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            self._stuck = thread
            raise TimeoutError
        return asking.answer()


class _Asking(Generic[Answer]):
    def __init__(self, question: Callable[[], Answer]) -> None:
        self._question = question
        self._answers: list[Answer] = []
        self._error: Exception | None = None

    def run(self) -> None:
        # It works for no cell.
        cells.enter(None)
        try:
            self._answers.append(self._question())
        except Exception as error:  # noqa: BLE001 - the border of this thread
            self._error = error

    def answer(self) -> Answer:
        if self._error is not None:
            raise self._error
        return self._answers[0]
