"""An attempt's work: from settings to a session whose settings were read back."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spark_connector.environment import read_environment
from spark_connector.errors import StartError
from spark_connector.executor_monitor import ExecutorMonitor
from spark_connector.frontend import current
from spark_connector.jvm import Jvm, start_jvm
from spark_connector.lock import Lock, unverifiable
from spark_connector.lock_watch import LockReader, LockWatch
from spark_connector.properties import write_private
from spark_connector.session import (
    OpenSession,
    active_context,
    begin_stop,
    describe,
    let_go,
    open_session,
    spark_home,
)
from spark_connector.size import spoken_size
from spark_connector.text import counted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from spark_connector.attempt import Attempt
    from spark_connector.bundle import NamedBundle
    from spark_connector.gateway import Loose
    from spark_connector.resolve import Resolved
    from spark_connector.state import SessionInfo


_STOP_SECONDS = 10.0
_GRACE_SECONDS = 2.0
_PYSPARK_WARNS = "Unable to cleanly shutdown Spark JVM process"


@dataclass(frozen=True, slots=True)
class Connected:
    """The result of a successful attempt; its owner closes it."""

    jvm: Jvm
    session: OpenSession
    info: SessionInfo
    lock: Lock
    bundles: tuple[NamedBundle, ...]
    """As they were when the attempt began."""

    watch: LockWatch
    """Follows the lock, also of executors in pods of their own."""

    def present(self) -> SparkSession:
        """Give the notebook its names, and the calling thread the session."""
        current().session_began(self.session.spark, self.session.context)
        return self.session.spark

    def let_go(self) -> Loose:
        """Free pyspark from this session at once; the result is for `close`."""
        return let_go(self.session.context)

    def close(self, loose: Loose | None = None) -> None:
        """End the session and its Java process, by force if it takes too long.

        `loose` is what pyspark held of it, if pyspark has let go of it already.
        """
        self.watch.stop()
        if loose is None:
            if self.jvm.is_running:
                self._stop()
            loose = self.let_go()
        self.jvm.end()
        loose.close()

    def _stop(self) -> None:
        stopping = begin_stop(self.session)
        stopping.join(_STOP_SECONDS)
        if stopping.is_alive():
            # Then the call that waits for Java returns, and pyspark stops its own part.
            warnings.filterwarnings("ignore", _PYSPARK_WARNS, RuntimeWarning)
            self.jvm.kill()
            stopping.join(_GRACE_SECONDS)


def start_session(attempt: Attempt) -> Connected:
    """Start the session of an attempt, which hears each step and may be cancelled.

    Raises StartError if Java or Spark does not start; nothing is left running then.
    """
    settings = attempt.resolved.settings
    for path, text in attempt.resolved.files:
        write_private(Path(path), text)
    step = _Steps(attempt)
    attempt.jvm = jvm = start_jvm(
        attempt.java, spark_home(), settings, attempt.cancelled, attempt.on_line
    )
    session: OpenSession | None = None
    try:
        step.done(f"Java {attempt.java.version} started")
        session = open_session(jvm)
        info = describe(session.context)
        size = _spoken(attempt.resolved)
        step.done(f"Spark {info.spark_version} is up: {size}")
        reader = LockReader(session, jvm, attempt.resolved)
        lock = _read_back(reader)
        asked = _executor_monitor(attempt.resolved, reader, info) or reader
        attempt.stop_if_cancelled()
    except BaseException:
        loose = let_go(session.context if session else active_context())
        jvm.end(grace_seconds=0)
        loose.close()
        raise
    step.done(_lock_in_words(lock))
    watch = LockWatch(asked, lock)
    return Connected(jvm, session, info, lock, attempt.resolved.bundles, watch)


class _Steps:
    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._began = time.monotonic()

    def done(self, text: str) -> None:
        now = time.monotonic()
        self._attempt.say(f"{text} ({now - self._began:.1f} s)")
        self._began = now


def _read_back(reader: LockReader) -> Lock:
    try:
        return reader.read()
    except StartError as error:
        return unverifiable(error.problems[0].reason)


def _lock_in_words(lock: Lock) -> str:
    if not lock.reasons:
        return "Verified: authenticated and encrypted"
    return f"The lock is {lock.state.value}: {' '.join(lock.reasons)}"


def _executor_monitor(
    resolved: Resolved, reader: LockReader, info: SessionInfo
) -> ExecutorMonitor | None:
    pod = read_environment().pod
    if pod is None or not resolved.value("spark.master").startswith("k8s:"):
        return None
    return ExecutorMonitor(reader, pod, info.application_id)


def _spoken(resolved: Resolved) -> str:
    if resolved.value("spark.master").startswith("k8s:"):
        most = resolved.value("spark.dynamicAllocation.maxExecutors")
        memory = spoken_size(resolved.value("spark.executor.memory"))
        cores = resolved.value("spark.executor.cores")
        each = f"{counted(cores, 'core')} and {memory}"
        return f"up to {counted(most, 'executor')} of {each}"
    memory = spoken_size(resolved.value("spark.driver.memory"))
    cores = resolved.value("spark.master").removeprefix("local[").removesuffix("]")
    return f"{counted(cores, 'core')}, {memory}"
