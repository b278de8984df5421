"""Spark's Java process: how it is started, read and ended.

Spark's own script starts it; it reads its settings from a private file, and ends when
this process ends, because its standard input is then closed.
"""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from spark_connector.advice import first_line, remedy_for
from spark_connector.cluster import LOOPBACK
from spark_connector.environment import java_environment
from spark_connector.errors import InterruptedStartError, StartError
from spark_connector.java import Java
from spark_connector.problem import Problem
from spark_connector.properties import private_directory
from spark_connector.setting import Setting

_MAX_LINE = 2000
_GRACE_SECONDS = 5
# org.apache.spark.util.SparkExitCode.OOM
_OUT_OF_MEMORY = 52


@dataclass(slots=True)
class Jvm:
    """A running Java process with Spark's gateway in it."""

    process: subprocess.Popen[bytes]
    on_line: Callable[[str], None]
    """Called in the reader's thread with each line that the process writes."""

    port: int = 0
    """Where the gateway listens on loopback."""

    token: str = field(default="", repr=False)
    """What the gateway asks for."""

    tail: deque[str] = field(default_factory=lambda: deque(maxlen=50))
    """The last lines, for the reason of a failure."""

    _reader: threading.Thread | None = None

    def listen(self) -> None:
        """Begin to read what the process writes, in a thread that ends with it."""
        self._reader = threading.Thread(
            target=self._read, name="cygnet-java-output", daemon=True
        )
        self._reader.start()

    def _read(self) -> None:
        stream = self.process.stdout
        if stream is None:
            return
        while line := stream.readline(_MAX_LINE):
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self.tail.append(text)
                self.on_line(text)

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process.poll() is None

    @property
    def end_in_words(self) -> str:
        """How the process ended, such as `it was killed (SIGKILL)`."""
        code = self.process.poll()
        if code is None:
            return "it is running"
        if code < 0:
            return f"it was killed ({signal.Signals(-code).name})"
        if code == _OUT_OF_MEMORY:
            return "it ran out of memory"
        return f"it ended with exit code {code}"

    def wait(self) -> None:
        """Wait until the process has ended and everything it wrote was read."""
        self.process.wait()
        if self._reader is not None:
            self._reader.join(_GRACE_SECONDS)

    def end(self, *, grace_seconds: float = _GRACE_SECONDS) -> None:
        """End the process: by closing its input, then by a signal, then by force.

        Each gentle way may take `grace_seconds`; with 0 it is ended by force at once.
        """
        with suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        if not self._ends_within(grace_seconds):
            self.process.terminate()
        if not self._ends_within(grace_seconds):
            self.kill()
            self._ends_within(_GRACE_SECONDS)
        self._close_output()

    def kill(self) -> None:
        """End the process, and what its start script has started, by force."""
        if self.is_running:
            # It leads a group of its own.
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _close_output(self) -> None:
        if self._reader is not None:
            self._reader.join(_GRACE_SECONDS)
        # A Python worker may hold the pipe a little longer; then the reader closes it.
        is_read = self._reader is None or not self._reader.is_alive()
        if is_read and self.process.stdout is not None:
            self.process.stdout.close()


def start_jvm(
    java: Java,
    spark_home: Path,
    settings: Sequence[Setting],
    cancelled: threading.Event,
    on_line: Callable[[str], None],
) -> Jvm:
    """Start Spark's Java process and wait for its gateway; the caller ends it.

    The settings reach Java by a file of mode 0600 that is gone when this function
    returns or raises; none is on the command line but the Java options and the memory,
    which are no secrets. Setting `cancelled` in another thread gives up.

    Raises StartError if the process ends before its gateway answers, and
    InterruptedStartError if it was given up.
    """
    given = {setting.key: setting.value for setting in settings}
    address = given.get("spark.driver.bindAddress", LOOPBACK)
    with private_directory(settings) as directory:
        jvm = Jvm(_spawn(java, spark_home, directory, address), on_line)
        jvm.listen()
        try:
            _await_gateway(jvm, directory / "gateway", cancelled)
        except BaseException:
            jvm.end(grace_seconds=0)
            raise
    return jvm


def _spawn(
    java: Java, spark_home: Path, directory: Path, address: str
) -> subprocess.Popen[bytes]:
    script = spark_home / "bin" / "spark-submit"
    properties = directory / "spark.properties"
    env = java_environment(java.home, address)
    # The contract of pyspark's own launcher with PythonGatewayServer.
    env["_PYSPARK_DRIVER_CONN_INFO_PATH"] = str(directory / "gateway")
    env["SPARK_CONNECT_MODE"] = "0"
    command = [str(script), "--properties-file", str(properties), "pyspark-shell"]
    try:
        # A session of its own, so that interrupting the kernel's process group does
        # not end Java.
        return subprocess.Popen(  # noqa: S603 - Spark's own script, no shell.
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    except OSError as error:
        reason = f"Spark's start script could not be run: {error}."
        remedy = "Reinstall pyspark, or correct SPARK_HOME."
        raise StartError(Problem(str(script), None, reason, remedy)) from error


def _await_gateway(jvm: Jvm, path: Path, cancelled: threading.Event) -> None:
    # The file gets its name when it is complete.
    while not path.is_file():
        if cancelled.wait(0.05):
            raise InterruptedStartError
        if not jvm.is_running:
            jvm.wait()
            raise StartError(_start_problem(jvm))
    data = path.read_bytes()
    jvm.port = int.from_bytes(data[:4], "big")
    length = int.from_bytes(data[4:8], "big")
    jvm.token = data[8 : 8 + length].decode()


def _start_problem(jvm: Jvm) -> Problem:
    said = first_line(jvm.tail)
    reason = f"Spark's Java process did not start, {jvm.end_in_words}: {said}"
    return Problem("Java", None, reason, remedy_for("\n".join(jvm.tail)))
