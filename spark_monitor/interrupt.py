"""Ends a cell's batch jobs when the kernel is interrupted.

Decides when `KeyboardInterrupt` is raised. While the main thread is in a call to Java,
the jobs that the call waits for are cancelled first, and the interrupt comes when Java
has answered: in the middle of a call py4j (0.10.9) would lose its place, and pyspark
(4.3) turns some interrupts into errors of its own. It comes after five seconds at most.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from asyncio import CancelledError
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from spark_monitor import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from spark_monitor.cells import CellRun

REASON = "Interrupted in the notebook"
SENTENCE = "Interrupted: the Spark jobs of this cell were stopped."
_SECONDS = 5.0
_QUIET_SECONDS = 0.5
_PAUSE_SECONDS = 0.05
_JOIN_SECONDS = 2.0
_LIBRARIES = ("pyspark", "py4j")


class Interrupts:
    """Ends the Spark work of a cell that is interrupted, until `close`.

    Parameters
    ----------
    cancel
        Cancels the batch jobs that an execution had submitted before it was
        interrupted as often as its argument says, and returns how many there were.
        It may take a second and must not raise.

    Notes
    -----
    ipykernel sets its own handler before each request, and puts the former one back
    behind it. A handler of signals may neither start a thread nor take a lock that
    the code below it may hold, so it only puts into a queue that allows that.
    """

    def __init__(self, cancel: Callable[[CellRun], int]) -> None:
        self._cancel = cancel
        self._calls: dict[int, CellRun | None] = {}
        self._asked: SimpleQueue[CellRun | None] = SimpleQueue()
        self._main = threading.main_thread().ident or 0
        self._run: CellRun | None = None
        self._is_spark_work = False
        self._former: Callable[[int, FrameType | None], object] | None = None
        self._is_pending = False
        self._is_forced = False
        self._is_hung_up = False
        self._hang_up: Callable[[], bool] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work, now that there is a Spark application; repeats do nothing."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._follow, name="cygnet-spark-interrupt", daemon=True
            )
            self._thread.start()

    def begin(self, run: CellRun | None) -> None:
        """Watch for interrupts of a cell that is about to run in the calling thread.

        Nothing happens in threads that cannot be interrupted.
        """
        if threading.get_ident() != self._main:
            return
        self._run, self._is_spark_work = run, False
        self._is_pending = self._is_forced = self._is_hung_up = False
        if run is None:
            return
        handler = signal.getsignal(signal.SIGINT)
        # In a cell with `await` it is one of ipykernel, which must go on working.
        if callable(handler) and handler != self._interrupted:
            self._former = handler
            signal.signal(signal.SIGINT, self._interrupted)

    def end(self) -> None:
        """Watch no longer; the cell of this thread has ended."""
        if threading.get_ident() == self._main and self._former is not None:
            if signal.getsignal(signal.SIGINT) == self._interrupted:
                signal.signal(signal.SIGINT, self._former)
            self._former = None

    def close(self) -> None:
        """End the watch and its thread."""
        self.end()
        self._asked.put(None)
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    @contextlib.contextmanager
    def call(self, hang_up: Callable[[], bool]) -> Iterator[None]:
        """Note that the calling thread is in a call to Java while the block runs.

        `hang_up` closes the connection of the calling thread, so that its call fails,
        and returns whether there is one. A handler of signals may call it.
        """
        thread = threading.get_ident()
        if thread in self._calls:
            if self._is_hung_up and thread == self._main:
                # py4j (0.10.9) repeats a call whose connection was lost.
                self._deliver()
                raise KeyboardInterrupt
            yield
            return
        self._calls[thread] = cells.current()
        if thread == self._main:
            self._hang_up = hang_up
        try:
            yield
        finally:
            del self._calls[thread]
            if self._is_pending and thread == self._main:
                self._deliver()

    def sentence(self, error: BaseException | None) -> str | None:
        """Return the sentence for an error of the newest cell that is an interrupt.

        None when the error is anything else. An interrupt may have become an error of
        the libraries in which it was raised.
        """
        is_plain = isinstance(error, KeyboardInterrupt | CancelledError)
        is_theirs = error is not None and _is_raised_in_libraries(error)
        if is_plain and (self._is_spark_work or is_theirs):
            return SENTENCE
        return SENTENCE if is_theirs and _is_made_of_interrupt(error) else None

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        is_forced, self._is_forced = self._is_forced, False
        if is_forced and not self._is_pending:
            # The call has ended meanwhile, and the interrupt was raised.
            return
        if not self._is_pending:
            is_asked = self._ask()
            self._is_pending = is_asked and self._main in self._calls
            if not self._is_pending:
                self._deliver(number, frame)
        elif self._hang_up is not None and self._hang_up():
            # Forced, or interrupted twice by a user who does not want to wait. The
            # call fails now; an exception in it would make py4j close the connections
            # of all threads.
            self._is_hung_up = True
        else:
            self._deliver(number, frame)

    def _ask(self) -> bool:
        if self._run is None or self._thread is None:
            return False
        # What the cell does after this is no part of what was interrupted.
        self._run = replace(self._run, interrupts=self._run.interrupts + 1)
        self._is_spark_work |= self._is_in_call(self._run)
        cells.enter(self._run)
        self._asked.put(self._run)
        return True

    def _deliver(
        self, number: int = signal.SIGINT, frame: FrameType | None = None
    ) -> None:
        self._is_pending = self._is_hung_up = False
        if self._former is not None:
            self._former(number, frame)

    def _is_in_call(self, run: CellRun) -> bool:
        return any(
            it == run and it.interrupts < run.interrupts
            for it in list(self._calls.values())
            if it is not None
        )

    def _follow(self) -> None:
        cells.enter(None)
        works: list[_Work] = []
        while True:
            try:
                run = self._asked.get(timeout=_PAUSE_SECONDS if works else None)
            except Empty:
                pass
            else:
                if run is None:
                    return
                works.append(_Work(run))
            works = [it for it in works if self._goes_on(it)]

    def _goes_on(self, work: _Work) -> bool:
        # A job may be on its way, and the next one of a query or a pool follows.
        if self._cancel(work.run):
            work.busy_at = time.monotonic()
        now = time.monotonic()
        if now > work.began + _SECONDS:
            self._force()
            return False
        if now - work.busy_at < _QUIET_SECONDS:
            return True
        if self._is_in_call(work.run):
            # What the main thread waits for is no job, e.g. the end of a stream, or
            # not yet one: Java may still plan it.
            self._force()
            work.is_forced = True
        return work.is_forced

    def _force(self) -> None:
        if self._is_pending:
            self._is_forced = True
            signal.pthread_kill(self._main, signal.SIGINT)


class _Work:
    """What one interrupt ends."""

    def __init__(self, run: CellRun) -> None:
        self.run = run
        self.began = self.busy_at = time.monotonic()
        self.is_forced = False


def _is_raised_in_libraries(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in _LIBRARIES:
            return True
        trace = trace.tb_next
    return False


def _is_made_of_interrupt(error: BaseException | None) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
