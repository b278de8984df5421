"""The client of one application's listener in its JVM, over pyspark's own connection.

Also writes into each thread's Spark local properties which cell it works for, right
before the thread's next command to the JVM: the thread may have been started before
there was a context, or serve another cell than last time.
"""

from __future__ import annotations

import contextlib
import socket
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError, Py4JJavaError

from spark_monitor import attach, cells
from spark_monitor.errors import JvmError, ListenerError
from spark_monitor.execution import Executions
from spark_monitor.line import Line
from spark_monitor.preface import Preface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark import SparkContext

    from spark_monitor.cells import CellRun
    from spark_monitor.interrupt import Interrupts

_LISTENER = "org.apache.spark.cygnet.CellListener"
_MOST_RUNS = 256
# What jobs without a mark count for.
_UNKNOWN = (None, None)
# How long a Java process may take that is alive, on a busy machine too.
_SECONDS = 5.0
_SOON_SECONDS = 1.0


class ListenerClient:
    """A listener in the JVM of one running Spark context.

    `interrupts` learns of each call of this process to the JVM. Without `executions`,
    the cells whose own code runs, a cell ends with its last job. Raises
    ListenerMissingError when the jar was not built, and ListenerError when the JVM
    refuses the listener; nothing has changed then.
    """

    def __init__(
        self,
        context: SparkContext,
        interrupts: Interrupts,
        executions: Executions | None = None,
    ) -> None:
        with _answered():
            self._listener: Any = attach.load_class(context, _LISTENER)
            self._listener.attach(context._jsc.sc())  # noqa: SLF001
        self.application_id = str(context.applicationId)
        self._executions = executions or Executions()
        self._marker = Marker(context, interrupts, self._introduce)
        self._line = Line()

    def await_frame(self, last_seq: int, timeout_ms: int) -> str | None:
        """Wait for the next frame (JSON) that is due; None if none was in time.

        `last_seq` is the number of the caller's last frame, -1 for none. Raises
        JvmError when the JVM is gone.
        """
        with _answered():
            text: str | None = self._listener.awaitFrame(last_seq, timeout_ms)
        return text

    def frame(self) -> str:
        """Return the newest frame (JSON) now, with more of the older cells.

        Raises JvmError when the JVM is gone, or does not answer within five seconds.
        """
        with _answered():
            return self._line.ask(lambda: str(self._listener.frame()), _SECONDS)

    def settled(self, run: CellRun, timeout_ms: int) -> str | None:
        """Return what a cell did whose code has ended (JSON), None when it ran no job.

        Waits at most `timeout_ms` for the cell's last jobs, so that all of it is
        counted. Raises JvmError when the JVM is gone.
        """

        def ask() -> str | None:
            cell = (run.cell_id, run.execution_id)
            text: str | None = self._listener.settled(*cell, timeout_ms)
            return text

        with _answered():
            return self._line.ask(ask, timeout_ms / 1000 + _SECONDS)

    def cancel(self, cell_id: str | None, execution_id: str | None, reason: str) -> int:
        """Cancel the running jobs of a cell, and what it starts before it is at rest.

        Returns how many were running. Without ids, these are jobs of unknown origin;
        `reason` becomes their error. Raises JvmError when the JVM is gone.
        """

        def ask() -> int:
            return int(self._listener.cancelCell(cell_id, execution_id, reason))

        with _answered():
            return self._line.ask(ask, _SECONDS)

    def interrupt(self, run: CellRun, reason: str) -> int:
        """Cancel an execution's batch jobs of before an interrupt; return how many.

        Where jobs have no marks, all batch jobs of the application end, as with
        pyspark's own handler. Raises JvmError when the JVM is gone, or does not answer
        within a second.
        """

        def ask() -> int:
            cell = (run.cell_id, run.execution_id) if self._marker.marks else _UNKNOWN
            return int(self._listener.interruptCell(*cell, run.interrupts, reason))

        with _answered():
            return self._line.ask(ask, _SOON_SECONDS)

    def has_served(self, run: CellRun) -> bool:
        """Return whether a thread used this JVM for a cell; holds for the newest cells.

        A cell for which none did ran no Spark job here.
        """
        return run in self._marker.served

    def _introduce(self, run: CellRun) -> None:
        if self._executions.goes_on(run):
            self._listener.executionBegan(run.cell_id, run.execution_id)
            # The end of a cell is sent to those that have served it. A thread that
            # comes in between sends it itself.
            if not self._executions.goes_on(run):
                self._listener.executionEnded(run.cell_id, run.execution_id)

    def close(self) -> None:
        """Stop listening and marking; a JVM that is gone does not matter."""
        self._marker.close()
        with contextlib.suppress(JvmError), _answered():
            self._line.ask(self._listener.detach, _SOON_SECONDS)


class Marker:
    """Marks each thread with its cell before it commands the JVM.

    `interrupts` learns of each call. `introduce` gets each cell that the JVM serves for
    the first time, in the thread that works for it, before its command.

    Notes
    -----
    Works in py4j's pinned thread mode, where each Python thread has a JVM thread and a
    connection of its own. In the other mode JVM threads are shared, a mark would lead
    to a wrong cell, and there is none.
    """

    def __init__(
        self,
        context: SparkContext,
        interrupts: Interrupts,
        introduce: Callable[[CellRun], None] | None = None,
    ) -> None:
        self.served: OrderedDict[CellRun, None] = OrderedDict()
        self._introduce = introduce
        self._context = context
        self._preface = Preface(
            context._gateway,  # noqa: SLF001
            "cygnet_mark",
            self._wanted,
            self._mark,
            around=lambda: interrupts.call(self._hang_up),
            # The thread takes over another thread's properties, mark and all.
            forgotten_at="setLocalProperties",
        )

    @property
    def marks(self) -> bool:
        """Whether it can mark the threads of this JVM at all."""
        return self._preface.is_said

    def close(self) -> None:
        """Stop marking."""
        self._preface.close()

    def _hang_up(self) -> bool:
        connection = self._preface.connection
        if connection is None or connection.socket is None:
            return False
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
        return True

    def _wanted(self) -> tuple[Marker, CellRun, int] | None:
        run = cells.current()
        return None if run is None else (self, run, run.interrupts)

    def _mark(self, wanted: tuple[Marker, CellRun, int] | None) -> None:
        run = None if wanted is None else wanted[1]
        attach.write_mark(self._context, run)
        if run is not None and run not in self.served:
            self._serve(run)

    def _serve(self, run: CellRun) -> None:
        self.served[run] = None
        if len(self.served) > _MOST_RUNS:
            self.served.popitem(last=False)
        if self._introduce is not None:
            self._introduce(run)


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except Py4JJavaError as error:
        raise ListenerError(error) from error
    except (Py4JError, OSError) as error:
        raise JvmError(error) from error
