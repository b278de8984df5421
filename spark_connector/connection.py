"""The one connection of this process and its transitions from state to state.

Knows neither IPython nor how Spark is started. The state also follows a session that
the user stopped, a Java process that was killed, and sessions that others made.
"""

import atexit
import functools
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spark_connector.attempt import Attempt, ConnectRequest
from spark_connector.catalog import CatalogCache
from spark_connector.ending import LONGEST_SECONDS, Endings
from spark_connector.environment import prepare_process, read_environment
from spark_connector.errors import (
    ConflictError,
    ConnectorError,
    InterruptedStartError,
)
from spark_connector.frontend import current
from spark_connector.java import find_java
from spark_connector.lock import FOREIGN, NO_SESSION, Lock
from spark_connector.problem import Problem
from spark_connector.resolve import Resolved, resolve, spell
from spark_connector.state import Level, Phase, SessionInfo, State
from spark_connector.state_store import StateStore

if TYPE_CHECKING:
    from spark_connector.session_start import Connected


def _start_session(attempt: Attempt) -> "Connected":
    # Only this needs pyspark, and importing it takes half a second.
    module = import_module("spark_connector.session_start")
    connected: Connected = module.start_session(attempt)
    return connected


class Connection:
    """Keeps the session of this process; every method may be called from any thread.

    `_guard` protects the fields and is held briefly: a session is made and ended in
    threads of its own.
    """

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._endings = Endings()
        self._store = StateStore(lambda: current().changed())
        self._catalogs = CatalogCache()
        self._attempt: Attempt | None = None
        self._connected: Connected | None = None
        self._left_over: Connected | None = None
        self._foreign: object = None
        self._request = ConnectRequest((), ())

    @property
    def state(self) -> State:
        """The newest snapshot."""
        return self._store.state

    def message(self) -> dict[str, object]:
        """Return the `State` of docs/reference/wire.md, with the current bundles."""
        environment = read_environment()
        catalog = self._catalogs.read(environment.bundle_folders)
        offered = catalog.offered(has_pod=environment.pod is not None)
        return self._store.message(offered.at(environment.cluster_type))

    def resolve(
        self, names: tuple[str, ...], options: Mapping[str, object]
    ) -> Resolved:
        """Return the settings of a session; without bundles, of the default one.

        Raises RefusedError with every problem.
        """
        prepare_process()
        environment = read_environment()
        catalog = self._catalogs.read(environment.bundle_folders)
        catalog = catalog.at(environment.cluster_type)
        chosen = catalog.choose(names)
        return resolve(chosen, catalog.default, options, environment)

    def begin(
        self, names: tuple[str, ...], options: Mapping[str, object]
    ) -> "Attempt | Connected":
        """Start an attempt, or return the attempt or session for the same request.

        Without names and options, any session or attempt is the same. Raises
        ConnectorError if the request is refused, or conflicts with another session.
        """
        self._outlast_cancelled()
        with self._guard:
            self.refresh()
            busy = self._connected or self._attempt
            if busy is not None and not names and not options:
                return busy
            try:
                self._refuse_foreign()
                resolved = self.resolve(names, options)
                given = tuple(sorted((k, spell(v)) for k, v in options.items()))
                request = ConnectRequest(resolved.names, given)
                if busy is None:
                    return self._start(request, resolved)
            except ConnectorError as error:
                if busy is None and self.state.phase is not Phase.FOREIGN:
                    self._failed(error, names)
                raise
            self._refuse_other(request)
            return busy

    def wait(self, attempt: Attempt) -> "Connected":
        """Wait for an attempt and show its progress; raises its error if it failed."""
        progress = current().progress()
        while not attempt.done.wait(0.1):
            progress.show(list(attempt.lines))
        progress.show(list(attempt.lines))
        if attempt.result is None:
            raise attempt.error or InterruptedStartError
        return attempt.result

    def cancel(self) -> None:
        """Give up the attempt that runs, if any, and wait until it is gone."""
        attempt = self._attempt
        if attempt is not None:
            attempt.cancel()
            attempt.done.wait(LONGEST_SECONDS)

    def note(self, error: ConflictError) -> None:
        """Log an error for the pages: no cell waits for it."""
        self._store.log(Level.ERROR, str(error))

    def disconnect(self) -> None:
        """End the session and its Java process, or the attempt that runs.

        Raises ConflictError if the session was not made by `connect`.
        """
        self.cancel()
        with self._guard:
            self.refresh()
            self._refuse_foreign()
            connected, self._connected = self._connected, None
        if connected is not None:
            self._take_names(connected)
            self._endings.begin(connected)
            end = "has ended" if self._endings.outlast() else "is being ended"
            self._ended(f"Disconnected; Spark's Java process {end}.")
        else:
            self._store.update(phase=Phase.DISCONNECTED, problems=())

    def refresh(self, *, is_between_cells: bool = True) -> None:
        """Compare the state with the facts and correct it.

        Between cells, the Java process of a session that the user stopped is ended.
        Within one it is left alone, as the user's code may be about to use it.
        """
        with self._guard:
            connected = self._connected
            if self._attempt is not None:
                return
            if connected is not None and not connected.jvm.is_running:
                self._lost(connected)
            elif connected is not None and connected.session.is_stopped:
                self._stopped(connected)
            if self._connected is not None:
                catalog = self._catalogs.read(read_environment().bundle_folders)
                self._store.note(catalog.changes_since(self._connected.bundles))
            else:
                self._look_for_foreign()
                if is_between_cells and self.state.phase is not Phase.FOREIGN:
                    self._clear_away()

    def close(self) -> None:
        """End what runs, quickly: the process is about to end."""
        attempt = self._attempt
        if attempt is not None:
            attempt.cancel()
        for connected in (self._connected, self._left_over):
            if connected is not None:
                connected.jvm.end(grace_seconds=1)
        self._connected = self._left_over = None
        self._endings.kill()

    def _outlast_cancelled(self) -> None:
        attempt = self._attempt
        if attempt is not None and attempt.cancelled.is_set():
            attempt.done.wait(LONGEST_SECONDS)

    def _start(self, request: ConnectRequest, resolved: Resolved) -> Attempt:
        environment = read_environment()
        java = find_java(environment.java_home, environment.cache)
        lines: list[str] = []

        def say(text: str) -> None:
            lines.append(text)
            self._store.log(Level.INFO, text)

        attempt = Attempt(request, resolved, java, say, self._java_line, lines)
        self._attempt = attempt
        self._request = request
        self._store.update(
            phase=Phase.CONNECTING,
            chosen=request.names,
            problems=(),
            log=(),
            printed=(),
        )
        say(f"Connecting with {', '.join(request.names)}.")
        for notice in resolved.notices:
            say(notice)
        self._thread(self._run, attempt)
        return attempt

    def _run(self, attempt: Attempt) -> None:
        try:
            # pyspark knows one session at a time.
            self._endings.outlast()
            attempt.run(_start_session)
        finally:
            with self._guard:
                self._attempt = None
                self._settle(attempt)
            attempt.done.set()

    def _settle(self, attempt: Attempt) -> None:
        if attempt.result is not None:
            self._arrived(attempt.result)
        elif isinstance(attempt.error, InterruptedStartError):
            self._ended(attempt.error.problems[0].reason)
        elif attempt.error is not None:
            self._failed(attempt.error, attempt.request.names)

    def _arrived(self, connected: "Connected") -> None:
        self._connected = connected
        session = connected.session
        current().session_began(session.spark, session.context)
        self._store.update(
            phase=Phase.CONNECTED, session=connected.info, lock=connected.lock
        )
        self._thread(self._watch, connected)
        connected.watch.follow(functools.partial(self._locked, connected))

    def _thread(self, target: "Callable[[Any], None]", subject: object) -> None:
        name = f"cygnet{target.__name__.replace('_', '-')}"
        threading.Thread(target=target, args=(subject,), name=name, daemon=True).start()

    def _watch(self, connected: "Connected") -> None:
        connected.jvm.wait()
        with self._guard:
            if self._connected is connected:
                self._lost(connected)

    def _locked(self, connected: "Connected", lock: Lock) -> None:
        with self._guard:
            if self._connected is connected:
                self._store.show_lock(lock)

    def _lost(self, connected: "Connected") -> None:
        self._connected = None
        self._take_names(connected)
        reason = f"Spark's Java process is gone: {connected.jvm.end_in_words}."
        remedy = "Run spark_connector.connect() for a new session."
        self._store.log(Level.ERROR, reason)
        problem = Problem("Java", None, reason, remedy)
        self._without_session(Phase.FAILED, (problem,))
        self._endings.begin(connected, connected.let_go())

    def _stopped(self, connected: "Connected") -> None:
        self._connected, self._left_over = None, connected
        self._take_names(connected)
        self._ended("The session was stopped.")

    def _ended(self, text: str) -> None:
        self._store.log(Level.INFO, text)
        self._without_session(Phase.DISCONNECTED, ())

    def _failed(self, error: ConnectorError, names: tuple[str, ...]) -> None:
        self._store.log(Level.ERROR, str(error).splitlines()[0])
        self._store.update(chosen=names)
        self._without_session(Phase.FAILED, error.problems)

    def _without_session(self, phase: Phase, problems: tuple[Problem, ...]) -> None:
        self._store.update(
            phase=phase, session=None, lock=NO_SESSION, problems=problems
        )

    def _take_names(self, connected: "Connected") -> None:
        session = connected.session
        current().session_ended(session.spark, session.context)

    def _clear_away(self) -> None:
        left_over, self._left_over = self._left_over, None
        if left_over is not None:
            self._endings.begin(left_over, left_over.let_go())

    def _refuse_other(self, request: ConnectRequest) -> None:
        if request != self._request:
            reason = f"There is a session with {', '.join(self._request.names)}."
            remedy = "Call spark_connector.disconnect() first; it ends that session."
            raise ConflictError(reason, remedy)

    def _refuse_foreign(self) -> None:
        if self.state.phase is Phase.FOREIGN:
            reason = "A session runs that was not made by connect()."
            raise ConflictError(reason, "Stop it first: spark.stop().")

    def _look_for_foreign(self) -> None:
        if "pyspark" not in sys.modules:
            return
        session = import_module("spark_connector.session")
        context = session.active_context()
        if context is self._foreign:
            return
        self._foreign = context
        if context is None:
            self._without_session(Phase.DISCONNECTED, ())
            return
        try:
            info: SessionInfo | None = session.describe(context)
        except ConnectorError:
            info = None
        self._store.update(
            phase=Phase.FOREIGN, chosen=(), session=info, lock=FOREIGN, problems=()
        )

    def _java_line(self, line: str) -> None:
        self._store.add_java_line(line)


@functools.cache
def current_connection() -> Connection:
    """Return this process's connection, which ends its Java process at exit."""
    made = Connection()
    atexit.register(made.close)
    return made
