"""The connector inside IPython: the only file of it that knows IPython.

Puts `spark` and `sc` into the notebook, answers pages, and explains a cell that uses
`spark` without a session. Loaded when a kernel starts, so it imports little; the rest
of the connector comes with the first call or the first message of a page.
"""

import ast
import logging
import sys
import threading
from contextlib import suppress
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display
from typing_extensions import override

from spark_connector.conf_name import bind
from spark_connector.correction import Corrections
from spark_connector.environment import prepare_process
from spark_connector.errors import ConflictError, ConnectorError
from spark_connector.frontend import Frontend, Progress, current, use
from spark_monitor.attach import watch_contexts
from spark_monitor.channel import Channel

if TYPE_CHECKING:
    from spark_connector.connection import Connection

CHANNEL = "cygnet-spark-connector"
PAUSE_SECONDS = 0.2
_NAMES = ("spark", "sc")
_logger = logging.getLogger(__name__)


def load(shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
    """Load the extension into IPython's shell; a second call does nothing."""
    if not isinstance(current(), KernelFrontend):
        prepare_process()
        use(KernelFrontend(shell))


def load_here() -> None:
    """Load the extension into the shell of this process, if there is one."""
    shell = get_ipython()
    if shell is not None:
        load(shell)


def unload(_shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
    """Unload the extension; a session that runs stays."""
    frontend = current()
    if isinstance(frontend, KernelFrontend):
        frontend.close()
        use(None)


class KernelFrontend(Frontend):
    """A notebook's frontend, in one shell of IPython.

    Notes
    -----
    Pages' messages come on a subshell's thread, sessions come from the thread of the
    attempt, cells run on the main thread.
    """

    def __init__(self, shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
        self._shell = shell
        self._former_handler = (shell.custom_exceptions, shell.CustomTB)
        self._channel = Channel(CHANNEL, self._on_message)
        self._publisher = _Publisher(self._channel)
        self._corrections = Corrections()
        self._end_watch = watch_contexts(self._context_seen, self._context_seen)
        shell.events.register("post_run_cell", self._after_cell)
        shell.set_custom_exc((NameError,), _explain_name)
        self._conf_names = _ConfNames(shell.user_ns)
        shell.ast_transformers.append(self._conf_names)

    def close(self) -> None:
        """Take everything back that the extension changed in the shell."""
        self._end_watch()
        self._corrections.remove()
        self._publisher.stop()
        self._channel.close()
        self._shell.events.unregister("post_run_cell", self._after_cell)
        with suppress(ValueError):
            # IPython takes one away that failed.
            self._shell.ast_transformers.remove(self._conf_names)
        self._shell.custom_exceptions, self._shell.CustomTB = self._former_handler

    @override
    def progress(self) -> Progress:
        # Without a kernel (IPython in a terminal) an update would be a new line.
        return _Display() if hasattr(self._shell, "kernel") else super().progress()

    @override
    def changed(self) -> None:
        self._publisher.wake()

    @override
    def session_began(self, spark: Any, context: Any) -> None:
        self._shell.user_ns.update(spark=spark, sc=context)

    @override
    def session_ended(self, spark: Any, context: Any) -> None:
        names = self._shell.user_ns
        for name, ours in zip(_NAMES, (spark, context), strict=True):
            # What the user has put under that name meanwhile is not ours to take.
            if names.get(name) is ours:
                del names[name]

    def _context_seen(self, _context: object) -> None:
        # In the middle of a cell: look, and leave the Java process alone.
        _connection().refresh(is_between_cells=False)

    def _after_cell(self, _result: object) -> None:
        if "spark_connector.connection" in sys.modules:
            _connection().refresh()

    def _on_message(self, data: dict[str, object]) -> None:
        try:
            self._answer(data)
        except ConflictError as error:
            _connection().note(error)
        except ConnectorError:
            # It is in the state already, with every problem.
            pass
        except Exception:
            _logger.exception("message of a page failed type=%s", data.get("type"))
        self._publisher.wake()

    def _answer(self, data: dict[str, object]) -> None:
        connection = _connection()
        names = data.get("bundles")
        match data.get("type"):
            case "hello":
                connection.refresh(is_between_cells=False)
            case "connect" if isinstance(names, list):
                connection.begin(tuple(map(str, names)), {})
            case "disconnect":
                connection.disconnect()
            case "cancel":
                connection.cancel()
            case _:
                pass


class _ConfNames:
    """Sees each cell before it runs, as IPython's `ast_transformers` do."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def visit(self, cell: ast.AST) -> ast.AST:
        bind(self._names, cell, _connection, lambda text: _Display().show([text]))
        return cell


class _Display:
    """One display in the cell that waits, updated as the attempt goes on."""

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None
        self._shown: list[str] = []

    def show(self, lines: list[str]) -> None:
        if lines == self._shown:
            return
        self._shown = lines
        bundle = {"text/plain": "\n".join(lines)}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)  # type: ignore[no-untyped-call]


class _Publisher:
    """Publishes the newest state, at most five times a second, from one thread.

    Its mailbox has one slot: states that come faster than they go out are left out.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._dirty = threading.Event()
        self._stopped = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        self._dirty.set()
        with self._start:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="cygnet-connector-state", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._dirty.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while self._dirty.wait() and not self._stopped.is_set():
            self._dirty.clear()
            try:
                state = _connection().message()
                self._channel.publish({"type": "state", "state": state})
            except Exception:
                _logger.exception("state not published")
            self._stopped.wait(PAUSE_SECONDS)


def _connection() -> "Connection":
    # Imported at the first use: a kernel's start must not wait for it.
    module = import_module("spark_connector.connection")
    connection: Connection = module.current_connection()
    return connection


def _explain_name(
    shell: Any,  # noqa: ANN401 - IPython has no types here.
    kind: type[NameError],
    error: NameError,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Show a NameError; that of a missing session in one sentence."""
    if error.name in _NAMES and _is_raised_in(shell.user_ns, trace):
        sentence = (
            f"'{error.name}' is not defined: no Spark session is connected. Run "
            "spark_connector.connect() in a cell, or press Connect in the Spark panel "
            "on the left."
        )
        # IPython asks an error for what to show; the error itself stays what it is.
        error._render_traceback_ = lambda: [sentence]  # type: ignore[attr-defined]
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _is_raised_in(names: object, trace: TracebackType | None) -> bool:
    """Whether the innermost frame is of the notebook, not of some library."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals is names
