"""One watched Spark application: its newest frame, and the thread that fetches it.

The thread asks the listener for the next frame, passes it on, and ends with the
application. It makes the last frame when the JVM sends none.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from spark_monitor import cells
from spark_monitor.errors import JvmError
from spark_monitor.frame import Frame, SavedCell
from spark_monitor.lost_frame import as_lost
from spark_monitor.wire import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark import SparkContext

    from spark_monitor.cells import CellRun
    from spark_monitor.listener_client import ListenerClient

_log = logging.getLogger(__name__)
_WAIT_MS = 1000
_JOIN_SECONDS = 2.0


class Application:
    """A Spark application that is being watched, from `start` to `finish` or `stop`.

    It closes its client at the end. `on_frame` gets this application and each new
    frame, one at a time, mostly in this application's thread; an error in it is logged,
    and the watch goes on.
    """

    def __init__(
        self,
        context: SparkContext,
        client: ListenerClient,
        on_frame: Callable[[Application, Frame], None],
    ) -> None:
        self.id = client.application_id
        self.context = context
        self._client = client
        self._on_frame = on_frame
        self._newest: Frame | None = None
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(
            target=self._follow, name=f"cygnet-spark-monitor-{self.id}", daemon=True
        )

    @property
    def frame(self) -> Frame | None:
        """The newest frame, None before the first."""
        return self._newest

    def start(self) -> None:
        """Begin to follow the application."""
        self._thread.start()

    def refresh(self) -> None:
        """Fetch a frame now and pass it on; repeats the newest if the JVM is gone."""
        try:
            self._take(parse(Frame, self._client.frame()))
        except JvmError:
            if self._newest is not None:
                self._on_frame(self, self._newest)

    def finish(self) -> None:
        """Take the last frame of a context that was stopped, while its JVM may live."""
        self._is_over.set()
        try:
            self._take(parse(Frame, self._client.frame()))
        except JvmError:
            self._tell_end()
        self._client.close()

    def stop(self) -> None:
        """Stop watching; the application itself goes on."""
        self._is_over.set()
        self._client.close()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def cancel(
        self, cell_id: str | None, execution_id: str | None, reason: str
    ) -> None:
        """Cancel the running jobs of a cell; without ids, of work of unknown origin.

        `reason` becomes the jobs' error. Raises JvmError when the JVM is gone, and the
        jobs with it.
        """
        count = self._client.cancel(cell_id, execution_id, reason)
        _log.info("cancelled jobs application=%s count=%s", self.id, count)

    def interrupt(self, run: CellRun, reason: str) -> int:
        """Cancel an execution's batch jobs of before an interrupt; return how many.

        Raises JvmError when the JVM is gone, or does not answer soon.
        """
        return self._client.interrupt(run, reason)

    def has_served(self, run: CellRun) -> bool:
        """Return whether a cell used this application; holds for the newest cells."""
        return self._client.has_served(run)

    def saved_cell(self, run: CellRun, timeout_ms: int) -> SavedCell | None:
        """Return what a cell did here, None if it ran no job.

        Waits at most `timeout_ms` for the cell's last jobs.
        """
        try:
            text = self._client.settled(run, timeout_ms)
        except JvmError:
            # The follower notices too, and knows what to say of the jobs that ran.
            if self._thread is not threading.current_thread():
                self._thread.join(timeout_ms / 1000)
            return self._from_newest(run)
        return None if text is None else parse(SavedCell, text)

    def _from_newest(self, run: CellRun) -> SavedCell | None:
        frame = self._newest
        if frame is None:
            return None
        for cell in frame.cells:
            if cell.execution_id == run.execution_id:
                return SavedCell(
                    version=1,
                    application=frame.application,
                    executors=frame.executors,
                    cell=cell,
                    saved_ms=_now_ms(),
                )
        return None

    def _follow(self) -> None:
        cells.enter(None)
        seq = -1
        while not self._is_over.is_set():
            try:
                text = self._client.await_frame(seq, _WAIT_MS)
                if text is None or self._is_over.is_set():
                    continue
                frame = parse(Frame, text)
                seq = frame.seq
                self._take(frame)
            except JvmError:
                self._tell_end()
            except Exception:  # noqa: BLE001 - the border of this thread
                # One bad frame must not end the watch, nor fill the log.
                _log.exception("frame not handled application=%s", self.id)
                self._is_over.wait(_WAIT_MS / 1000)
            else:
                if frame.application.state != "running":
                    self._is_over.set()

    def _tell_end(self) -> None:
        # A stopped context has no Java side any more; a lost one still has.
        frame = self._newest
        self._is_over.set()
        if frame is None or frame.application.state != "running":
            return
        last = as_lost(frame, _now_ms())
        if self.context._jsc is None:  # noqa: SLF001
            last = replace(last, application=replace(last.application, state="stopped"))
        self._take(last)

    def _take(self, frame: Frame) -> None:
        with self._lock:
            if self._newest is None or frame.seq > self._newest.seq:
                self._newest = frame
            self._on_frame(self, self._newest)


def _now_ms() -> int:
    return int(time.time() * 1000)
