"""The Spark session on a Java process of ours: the connector's only pyspark file.

Decides how pyspark is tied to the process and freed from it again, so that a session
can follow another in one kernel.
"""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.find_spark_home import _find_spark_home
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession
from typing_extensions import override

from spark_connector.advice import first_line, remedy_for
from spark_connector.environment import exported
from spark_connector.errors import StartError
from spark_connector.gateway import Loose
from spark_connector.jvm import Jvm
from spark_connector.problem import Problem
from spark_connector.setting import is_secret
from spark_connector.state import SessionInfo
from spark_monitor.attach import load_class
from spark_monitor.errors import MonitorError
from spark_monitor.line import Line
from spark_monitor.preface import Preface

_logger = logging.getLogger(__name__)
_GRACE_SECONDS = 10

# What Java's refusal or silence comes as; pyspark turns the first into the last once
# there has been a session.
_ANSWERS = (Py4JError, OSError, PySparkException)
# A context that was stopped has no Java side any more.
_GONE = (*_ANSWERS, AttributeError)
_REPORT = "org.apache.spark.cygnet.ExecutorReport"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that runs, as the notebook gets it."""

    spark: SparkSession
    context: SparkContext

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped, e.g. by `spark.stop()`."""
        return self.context._jsc is None  # noqa: SLF001 - pyspark has no public way.


def spark_home() -> Path:
    """Return SPARK_HOME, or pyspark's own directory."""
    return Path(_find_spark_home())


def open_session(jvm: Jvm) -> OpenSession:
    """Make the session in a Java process that has its settings already.

    pyspark takes it for its default session too. Raises StartError with Java's reason
    in plain words.
    """
    variables = {
        "PYSPARK_GATEWAY_PORT": str(jvm.port),
        "PYSPARK_GATEWAY_SECRET": jvm.token,
    }
    _end_stale_gateway()
    try:
        with exported(variables):
            gateway = launch_gateway()  # type: ignore[no-untyped-call]
        # The monitor says how the process ended when a cell finds it gone.
        gateway.cygnet_process = jvm.process
        SparkContext._ensure_initialized(gateway=gateway)  # noqa: SLF001 - pyspark's own order of things, without its launcher.
        SparkContext(conf=SparkConf(_jvm=gateway.jvm))
        spark = SparkSession.builder.getOrCreate()
    except _ANSWERS as error:
        raise StartError(_problem(error, "Spark did not start")) from error
    _calm(spark.sparkContext)
    _activate(spark)
    return OpenSession(spark, spark.sparkContext)


def describe(context: SparkContext) -> SessionInfo:
    """Return what is shown of a running context, made by the connector or not.

    Raises StartError if the driver does not answer within ten seconds.
    """

    def ask() -> SessionInfo:
        return SessionInfo(
            application_id=context.applicationId,
            name=context.appName or "",
            master=context.master or "",
            spark_version=context.version,
            started_ms=int(context.startTime),
        )

    try:
        return Line().ask(ask, _GRACE_SECONDS)
    except _GONE as error:
        raise StartError(_problem(error)) from error


def make_conf(context: SparkContext | None, settings: Mapping[str, str]) -> SparkConf:
    """Return settings, or those of a running context, without secrets."""
    if context is not None:
        settings = dict(context.getConf().getAll())
    shown = [(key, value) for key, value in settings.items() if not is_secret(key)]
    return SparkConf(loadDefaults=False).setAll(shown)


def active_context() -> SparkContext | None:
    """Return the context that runs in this process, whatever made it."""
    return SparkContext._active_spark_context  # noqa: SLF001 - the public way would make one.


def read_effective(session: OpenSession) -> dict[str, str | None]:
    """Return the settings that the running driver really works with, without secrets.

    Raises StartError if the driver does not answer, with the reason.
    """
    try:
        name = "org.apache.spark.cygnet.EffectiveSettings"
        reader = load_class(session.context, name)
        effective: dict[str, str | None] = json.loads(
            reader.read(session.context._jsc.sc())  # noqa: SLF001 - the Scala context.
        )
    except (*_GONE, MonitorError, ValueError) as error:
        raise StartError(_problem(error)) from error
    return effective


@dataclass(frozen=True, slots=True)
class ExecutorReport:
    """Which executors there are, and how many are wanted."""

    wanted: int | None
    """None where Spark asks for none."""

    executors: dict[str, dict[str, str] | None]
    """Id to effective settings; None for one that has not reported."""


def read_executors(session: OpenSession) -> ExecutorReport:
    """Return the driver's executors; raises StartError if it does not answer."""
    try:
        reader = load_class(session.context, _REPORT)
        found = json.loads(reader.read(session.context._jsc.sc()))  # noqa: SLF001 - the Scala context.
    except (*_GONE, MonitorError, ValueError) as error:
        raise StartError(_problem(error)) from error
    return ExecutorReport(found["wanted"], found["executors"])


def report_shortage(session: OpenSession, shortage: str | None) -> None:
    """Send the monitor the reason why executors are missing, None when none are.

    Raises StartError if the driver does not answer.
    """
    try:
        reader = load_class(session.context, _REPORT)
        reader.report(session.context._jsc.sc(), shortage)  # noqa: SLF001 - the Scala context.
    except (*_GONE, MonitorError) as error:
        raise StartError(_problem(error)) from error


def begin_stop(session: OpenSession) -> threading.Thread:
    """Begin to stop a session in a thread, which ends when Spark or Java has."""
    thread = threading.Thread(
        target=_stop, args=(session,), name="cygnet-spark-stop", daemon=True
    )
    thread.start()
    return thread


def let_go(context: SparkContext | None) -> Loose:
    """Free pyspark from a Java process, without a message to it.

    The caller closes what is returned after the end of the process.
    """
    gateway = SparkContext._gateway  # noqa: SLF001 - pyspark has no public way for any of this.
    server: Any = None
    if context is not None:
        context._jsc = None  # noqa: SLF001
        server, context._accumulatorServer = context._accumulatorServer, None  # type: ignore[assignment]  # noqa: SLF001
    for name in ("_gateway", "_jvm", "_active_spark_context"):
        setattr(SparkContext, name, None)
    for name in ("_instantiatedSession", "_activeSession"):
        setattr(SparkSession, name, None)
    return Loose(gateway, server)


def _stop(session: OpenSession) -> None:
    try:
        if not session.is_stopped:
            session.spark.stop()
    except _GONE:
        # It died on the way; then there is nothing left to stop.
        _logger.debug("stop failed", exc_info=True)


def _end_stale_gateway() -> None:
    """End the Java process that a stopped session of the notebook's own has left.

    pyspark would go on using it, with the settings of that session.
    """
    stale = SparkContext._gateway  # noqa: SLF001 - pyspark has no public way.
    if stale is None:
        return
    process = vars(stale).get("proc")
    loose = let_go(None)
    if process is not None and process.stdin is not None:
        process.stdin.close()
        try:
            process.wait(_GRACE_SECONDS)
        except TimeoutExpired:
            # To close what a living one holds may take for ever.
            process.kill()
    loose.close()


def _activate(spark: SparkSession) -> None:
    """Make the session the active one of each thread, not only of the one that made it.

    Without, `SparkSession.getActiveSession()` finds none, Java takes the defaults for
    some of the session's own settings, and data sources in Python cannot be written.
    """
    classes: Any = spark._jvm  # noqa: SLF001 - pyspark's own way.
    sessions = getattr(classes, "org.apache.spark.sql.classic.SparkSession")
    session = spark._jsparkSession  # noqa: SLF001
    Preface(
        spark.sparkContext._gateway,  # noqa: SLF001
        "cygnet_active",
        # It stays the same, so it is sent once for each thread.
        lambda: True,
        lambda _: sessions.setActiveSession(session),
    )


def _calm(context: SparkContext) -> None:
    """Keep tracebacks out of the notebook that only say that Java has ended."""
    server: Any = context._accumulatorServer  # noqa: SLF001 - pyspark's own thread.
    report = server.handle_error

    def report_unless_ended(*request: object) -> None:
        if not isinstance(sys.exc_info()[1], EOFError):
            report(*request)

    server.handle_error = report_unless_ended


class _NotOfOurThreads(logging.Filter):
    """Leaves out what py4j (0.10) logs when a connection of ours breaks.

    Either we cause it, by giving up an attempt, or we report it, when Java is killed.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        is_ours = (record.threadName or "").startswith("cygnet")
        return not (is_ours and "py4j" in record.pathname)


logging.getLogger().addFilter(_NotOfOurThreads())


def _problem(error: Exception, lead: str = "Spark did not answer") -> Problem:
    said = str(error.java_exception) if isinstance(error, Py4JJavaError) else str(error)
    reason = f"{lead}: {first_line(said.splitlines())}"
    return Problem("Spark", None, reason, remedy_for(said))
