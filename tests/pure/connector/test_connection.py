"""A connection's way from state to state, with stand-ins for Spark and its Java."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import sampled_from
from typing_extensions import override

from spark_connector import connection as module
from spark_connector.attempt import Attempt
from spark_connector.connection import Connection
from spark_connector.errors import (
    ConflictError,
    ConnectorError,
    RefusedError,
    StartError,
)
from spark_connector.frontend import Frontend, use
from spark_connector.lock import Lock, LockState
from spark_connector.problem import Problem
from spark_connector.state import Phase, SessionInfo

INFO = SessionInfo("app-1", "a name", "local[2]", "4.0.1", 0)
CLOSED = Lock(LockState.CLOSED)
LONGEST_S = 30
PROBLEM = Problem("Spark", None, "It did not start.", "Try again.")


class Jvm:
    """A Java process, or what is left of one."""

    end_in_words = "it was killed"

    def __init__(self) -> None:
        self._ended = threading.Event()

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    def wait(self) -> None:
        assert self._ended.wait(LONGEST_S)

    def kill(self) -> None:
        self._ended.set()

    def end(self, grace_seconds: float = 0) -> None:
        del grace_seconds
        self._ended.set()


@dataclass
class Connected:
    """A session; its end ends its Java."""

    names: tuple[str, ...]
    jvm: Jvm = field(default_factory=Jvm)
    info: SessionInfo = INFO
    lock: Lock = CLOSED
    bundles: tuple[object, ...] = ()
    session: Any = field(
        default_factory=lambda: SimpleNamespace(
            spark=object(), context=object(), is_stopped=False
        )
    )

    @property
    def watch(self) -> SimpleNamespace:
        return SimpleNamespace(follow=lambda _: None)

    def let_go(self) -> object:
        return object()

    def close(self, loose: object = None) -> None:
        del loose
        self.jvm.end()


class Names(Frontend):
    """Knows which session has its names in the notebook."""

    def __init__(self) -> None:
        self.given: object = None

    @override
    def session_began(self, spark: object, context: object) -> None:
        del context
        self.given = spark

    @override
    def session_ended(self, spark: object, context: object) -> None:
        del context
        if self.given is spark:
            self.given = None


class World:
    """What is outside of the connection: Spark, which starts when it is told to."""

    def __init__(self) -> None:
        self.made: list[Connected] = []
        self.foreign: object = None
        self.may_start = threading.Event()
        self.outcome: Callable[[Attempt], Connected] = self.succeed

    def succeed(self, attempt: Attempt) -> Connected:
        attempt.stop_if_cancelled()
        self.made.append(Connected(attempt.request.names))
        return self.made[-1]

    def fail(self, attempt: Attempt) -> Connected:
        attempt.stop_if_cancelled()
        raise StartError(PROBLEM)

    def crash(self, attempt: Attempt) -> Connected:
        del attempt
        raise ZeroDivisionError

    def start_session(self, attempt: Attempt) -> Connected:
        while not self.may_start.wait(0.005):
            attempt.stop_if_cancelled()
        return self.outcome(attempt)

    def import_module(self, name: str) -> object:
        if name == "spark_connector.session_start":
            return SimpleNamespace(start_session=self.start_session)
        return SimpleNamespace(
            active_context=lambda: self.foreign, describe=lambda _: INFO
        )


def resolved(_: object, names: tuple[str, ...], options: object) -> SimpleNamespace:
    del options
    if "wrong" in names:
        raise RefusedError((PROBLEM,))
    return SimpleNamespace(names=names or ("default",), notices=())


@contextmanager
def isolated(world: World, frontend: Frontend) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "import_module", world.import_module)
        patch.setattr(module, "find_java", lambda *_: None)
        patch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
        patch.setattr(Connection, "resolve", resolved)
        use(frontend)
        try:
            yield
        finally:
            use(None)


class Transitions(RuleBasedStateMachine):
    """Whatever a person, Spark and others do in whatever order, the state is true."""

    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.world, self.frontend = World(), Names()
        self._isolated = isolated(self.world, self.frontend)
        self._isolated.__enter__()
        self.connection = Connection()
        self.attempt: Attempt | None = None
        self.current: Connected | None = None
        self.request: tuple[str, ...] = ()

    @override
    def teardown(self) -> None:
        self.connection.cancel()
        self.connection.close()
        self._isolated.__exit__(None, None, None)
        assert not any(it.jvm.is_running for it in self.world.made)

    @initialize()
    def begins_without_a_session(self) -> None:
        assert self.connection.state.phase is Phase.DISCONNECTED

    @property
    def is_idle(self) -> bool:
        return self.attempt is None and self.current is None

    @rule(names=sampled_from([(), ("small",), ("large",), ("wrong",)]))
    def begin(self, names: tuple[str, ...]) -> None:
        is_there = not self.is_idle
        is_foreign = not is_there and self.world.foreign is not None
        is_other = is_there and names not in {(), self.request}
        try:
            got = self.connection.begin(names, {})
        except ConflictError:
            assert is_foreign or (is_other and names != ("wrong",))
            return
        except RefusedError:
            assert names == ("wrong",)
            if not is_there:
                assert self.connection.state.problems == (PROBLEM,)
            return
        assert not is_foreign
        if is_there:
            assert not is_other
            assert got in (self.attempt, self.current)
            return
        assert isinstance(got, Attempt)
        self.attempt, self.request = got, names or ("default",)

    @precondition(lambda self: self.attempt is not None)
    @rule(how=sampled_from(["succeed", "fail", "crash"]))
    def attempt_ends(self, how: str) -> None:
        assert self.attempt is not None
        self.world.outcome = getattr(self.world, how)
        self.world.may_start.set()
        if how == "succeed":
            self.current = self.connection.wait(self.attempt)  # type: ignore[assignment]
            assert self.current is self.world.made[-1]
            assert self.current.names == self.request
        else:
            with pytest.raises(ConnectorError):
                self.connection.wait(self.attempt)
            assert self.connection.state.phase is Phase.FAILED
            assert self.connection.state.problems
        self.world.may_start.clear()
        self.attempt = None

    @precondition(lambda self: self.attempt is not None)
    @rule()
    def attempt_is_cancelled(self) -> None:
        self.connection.cancel()
        assert self.connection.state.phase is Phase.DISCONNECTED
        self.attempt = None

    @rule()
    def disconnect(self) -> None:
        if self.is_idle and self.world.foreign is not None:
            with pytest.raises(ConflictError):
                self.connection.disconnect()
            return
        self.connection.disconnect()
        assert self.connection.state.phase is Phase.DISCONNECTED
        if self.current is not None:
            assert not self.current.jvm.is_running
        self.attempt = self.current = None

    @precondition(lambda self: self.current is not None)
    @rule()
    def user_stops_the_session(self) -> None:
        assert self.current is not None
        self.current.session.is_stopped = True
        self.connection.refresh()
        assert self.connection.state.phase is Phase.DISCONNECTED
        self.current = None

    @precondition(lambda self: self.current is not None)
    @rule()
    def java_is_killed(self) -> None:
        assert self.current is not None
        self.current.jvm.kill()
        self.connection.refresh()
        assert self.connection.state.phase is Phase.FAILED
        assert "it was killed" in self.connection.state.problems[0].reason
        self.current = None

    @precondition(lambda self: self.is_idle and self.world.foreign is None)
    @rule()
    def code_makes_a_session(self) -> None:
        self.world.foreign = object()
        self.connection.refresh()
        assert self.connection.state.phase is Phase.FOREIGN

    @precondition(lambda self: self.world.foreign is not None)
    @rule()
    def code_stops_its_session(self) -> None:
        self.world.foreign = None
        self.connection.refresh()
        assert self.connection.state.phase is Phase.DISCONNECTED

    @invariant()
    def state_is_true(self) -> None:
        self.connection.refresh()
        state = self.connection.state
        assert (state.phase is Phase.CONNECTED) == (self.current is not None)
        assert (state.phase is Phase.CONNECTING) == (self.attempt is not None)
        assert (state.phase is Phase.FOREIGN) == (self.world.foreign is not None)
        assert (state.lock is CLOSED) == (self.current is not None)
        spark = self.current.session.spark if self.current else None
        assert self.frontend.given is spark

    @invariant()
    def no_other_java_is_kept(self) -> None:
        self.connection._endings.outlast()  # noqa: SLF001 - Else it ends a little later.
        running = [it for it in self.world.made if it.jvm.is_running]
        assert running == ([self.current] if self.current else [])


def test_state_is_true_whatever_happens() -> None:
    run_state_machine_as_test(
        Transitions,
        settings=settings(max_examples=150, stateful_step_count=25, deadline=None),
    )
