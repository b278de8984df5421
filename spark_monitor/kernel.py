"""Ties the monitor to the kernel: cells, Spark contexts, pages and outputs.

Decides when a cell's output is published and what a page's message does. What Spark
does comes from `application`, which cell runs from `cells`, and the content of an
output from `saved_output`.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

from spark_monitor import (
    attach,
    cancellation,
    cells,
    interrupt,
    java_process,
    saved_output,
    short_traceback,
)
from spark_monitor.cell_outputs import CellOutputs
from spark_monitor.channel import Channel
from spark_monitor.errors import ListenerMissingError, MonitorError
from spark_monitor.execution import Executions
from spark_monitor.preference import SparkMonitor
from spark_monitor.wire import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipykernel.ipkernel import IPythonKernel
    from IPython.core.interactiveshell import InteractiveShell
    from pyspark import SparkContext

    from spark_monitor.application import Application
    from spark_monitor.cells import CellRun
    from spark_monitor.frame import Frame, SavedCell

_log = logging.getLogger(__name__)

COMM_ID = "cygnet-spark-monitor"
_SETTLE_MS = 300
_MOST_APPLICATIONS = 4
_MOST_CELLS = 64


class Monitor:
    """The Spark monitor of one kernel.

    Parameters
    ----------
    kernel
        The kernel.
    shell
        Its shell.

    Notes
    -----
    IPython calls `pre_execute` for every request, also silent ones, in the context in
    which the cell will run, then `pre_run_cell` for those that are not silent, and
    `post_run_cell` before the kernel says that the cell has ended, also when it failed
    or was interrupted. Code that a cell runs as a cell does the same in its midst.
    """

    def __init__(self, kernel: IPythonKernel, shell: InteractiveShell) -> None:
        # ipykernel types only some of what it offers.
        self._kernel: Any = kernel
        self._events: Any = shell.events
        self._preference = SparkMonitor(parent=shell)
        # IPython's own type of this list is too narrow.
        self._configurables = cast("list[object]", shell.configurables)
        self._configurables.append(self._preference)
        self._interrupts = interrupt.Interrupts(self._cancel_work)
        self._tracebacks = short_traceback.ShortTracebacks(
            shell, self._interrupts.sentence
        )
        self._outputs = CellOutputs()
        self._executions = Executions()
        self._applications: list[Application] = []
        self._ended: OrderedDict[str, tuple[CellRun, dict[str, Any]]] = OrderedDict()
        self._channel = Channel(COMM_ID, self._answer)
        self._carriers = cells.Carriers()
        self._events.register("pre_execute", self._cell_begins)
        self._events.register("pre_run_cell", self._code_begins)
        self._events.register("post_run_cell", self._cell_ends)
        # The extension may be loaded by the very cell that goes on to use Spark.
        self._cell_begins()
        self._code_begins()
        self._end_watch = attach.watch_contexts(self._attach, self._context_stopped)

    def close(self) -> None:
        """Take everything off again; Spark applications go on."""
        self._end_watch()
        self._events.unregister("pre_execute", self._cell_begins)
        self._events.unregister("pre_run_cell", self._code_begins)
        self._events.unregister("post_run_cell", self._cell_ends)
        self._configurables.remove(self._preference)
        self._carriers.remove()
        self._interrupts.close()
        self._tracebacks.remove()
        cells.enter(None)
        for application in self._applications:
            application.stop()
        self._channel.close()

    def _cell_begins(self) -> None:
        run = cells.parse_run(self._kernel.get_parent())
        cells.enter(run)
        self._interrupts.begin(run)
        if run is not None:
            self._outputs.begin(run)

    def _code_begins(self, info: object = None) -> None:
        run = cells.parse_run(self._kernel.get_parent())
        if run is not None:
            self._executions.begin(run, info)

    def _cell_ends(self, result: object = None) -> None:
        request = self._kernel.get_parent()
        run = cells.parse_run(request)
        info = getattr(result, "info", None)
        if run is None or not self._executions.end(run, info):
            return
        self._interrupts.end()
        if not self._applications:
            return
        for application in list(self._applications):
            if application.has_served(run):
                with _unheard(application):
                    saved = application.saved_cell(run, _SETTLE_MS)
                    self._save(run, request, saved)
        self._ended[run.execution_id] = (run, {"header": request["header"]})
        if len(self._ended) > _MOST_CELLS:
            self._ended.popitem(last=False)

    def _attach(self, context: SparkContext) -> None:
        # Needs py4j, which is not imported before there is a context.
        from spark_monitor.application import Application  # noqa: PLC0415
        from spark_monitor.listener_client import ListenerClient  # noqa: PLC0415

        java_process.remember(context)
        try:
            client = ListenerClient(context, self._interrupts, self._executions)
        except ListenerMissingError as error:
            # A broken installation, whose owner would else look for the panel in vain.
            _log.warning("spark application not watched reason=%s", error)
            return
        except MonitorError as error:
            _log.info("spark application not watched reason=%s", error)
            return
        application = Application(context, client, self._show)
        self._applications = [*self._applications, application][-_MOST_APPLICATIONS:]
        application.start()
        self._interrupts.start()
        _log.info("watching spark application=%s", application.id)

    def _context_stopped(self, context: SparkContext) -> None:
        for application in self._applications:
            if application.context is context:
                with _unheard(application):
                    application.finish()

    def _cancel_work(self, run: CellRun) -> int:
        count = 0
        for application in self._applications:
            # One that is gone has no jobs.
            with contextlib.suppress(MonitorError):
                count += application.interrupt(run, interrupt.REASON)
        return count

    def _show(self, application: Application, frame: Frame) -> None:
        self._channel.publish({"type": "frame", "frame": to_json(frame)})
        for cell in frame.cells:
            ended = self._ended.get(cell.execution_id or "")
            if (
                ended is not None
                and cell.state != "running"
                and self._outputs.is_news(application.id, cell)
            ):
                run, request = ended
                self._save(run, request, application.saved_cell(run, 0))

    def _save(
        self, run: CellRun, request: dict[str, Any], saved: SavedCell | None
    ) -> None:
        if saved is None or not self._preference.saves_panels:
            return
        publication = self._outputs.record(run, saved)
        if publication is None or self._kernel.session is None:
            return
        made = publication.summary
        # What the cell printed comes first.
        sys.stdout.flush()
        sys.stderr.flush()
        self._kernel.session.send(
            self._kernel.iopub_socket,
            "update_display_data" if publication.is_update else "display_data",
            {
                "data": made.bundle,
                "metadata": saved_output.METADATA,
                "transient": {"display_id": made.display_id},
            },
            parent=request,
            ident=b"display_data",
        )
        self._channel.publish({"type": "summary", "summary": made.to_json()})

    def _answer(self, message: dict[str, object]) -> None:
        match message:
            case {"type": "hello"}:
                for application in self._applications[-1:]:
                    with _unheard(application):
                        application.refresh()
                for it in self._outputs.summaries():
                    announcement = {"type": "summary", "summary": it.to_json()}
                    self._channel.publish(announcement)
            case {
                "type": "cancel",
                "cell_id": str() | None as cell_id,
                "execution_id": str() | None as execution_id,
                "application_id": application_id,
            }:
                for application in self._applications:
                    if application.id == application_id:
                        with _unheard(application):
                            application.cancel(
                                cell_id, execution_id, cancellation.REASON
                            )
            case {"type": "forget", "cell_id": str() as cell_id}:
                self._outputs.forget(cell_id)
            case _:
                _log.debug("message ignored type=%s", message.get("type"))


@contextlib.contextmanager
def _unheard(application: Application) -> Iterator[None]:
    # Trouble of the monitor must never become trouble of a cell.
    try:
        yield
    except MonitorError as error:
        _log.info("not reported application=%s reason=%s", application.id, error)


class _Loaded:
    # The one monitor of this process; IPython hands extensions no place of their own.
    monitor: Monitor | None = None


def load(shell: InteractiveShell) -> None:
    """Start the monitor of this kernel, in place of an earlier one.

    In a shell without a kernel, as in a terminal, nothing happens.
    """
    unload()
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        _Loaded.monitor = Monitor(kernel, shell)


def unload() -> None:
    """End the monitor of this kernel, if there is one."""
    if _Loaded.monitor is not None:
        _Loaded.monitor.close()
        _Loaded.monitor = None
