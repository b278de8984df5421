"""The Java process of each session, and how it ended.

A DataFrame may outlive its session, and an error may name its gateway only; so what is
known of the process stays with the gateway's client.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark import SparkContext

OUT_OF_MEMORY = 52
"""What Spark exits with, `org.apache.spark.util.SparkExitCode.OOM`."""

_GRACE_SECONDS = 2.0
_GIGABYTE = 1024**3
_MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class JavaProcess:
    """A Java process that this process has started."""

    process: subprocess.Popen[bytes] | None
    """None where somebody else has started it."""
    memory_bytes: int
    """How large its heap may become."""
    is_connected: bool
    """Whether `spark_connector` has started it."""

    @property
    def memory(self) -> str:
        """The size of its heap in words, such as ``1 GB``."""
        if self.memory_bytes < _GIGABYTE * 0.95:
            return f"{round(self.memory_bytes / _MEGABYTE)} MB"
        return f"{round(self.memory_bytes / _GIGABYTE, 1):g} GB"

    @property
    def renewal(self) -> str:
        """What leads to a new session, one sentence."""
        if self.is_connected:
            return "Run spark_connector.connect() for a new session."
        return "Restart the kernel for a new session."

    def exit_code(self) -> int | None:
        """Return the exit code as in `subprocess`; None if it runs or is not our child.

        A process that is about to end is waited for, two seconds at most.
        """
        if self.process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(_GRACE_SECONDS)
        return None


_newest: deque[JavaProcess] = deque(maxlen=8)


def remember(context: SparkContext) -> None:
    """Keep what is known of the Java process of a running context.

    Whatever starts Java may put the process into its gateway as `cygnet_process`;
    pyspark keeps its own there as `proc`.
    """
    gateway: Any = context._gateway  # noqa: SLF001 - pyspark has no public way.
    known = vars(gateway)
    client = known.get("_gateway_client")
    if client is None or "cygnet_java" in vars(client):
        return
    protocol: Any = sys.modules["py4j.protocol"]
    try:
        memory = int(gateway.jvm.java.lang.Runtime.getRuntime().maxMemory())
    except (protocol.Py4JError, OSError):
        return
    ours = known.get("cygnet_process")
    java = JavaProcess(ours or known.get("proc"), memory, is_connected=ours is not None)
    client.cygnet_java = java
    _newest.append(java)


def of_client(client: object) -> JavaProcess | None:
    """Return the process behind py4j's client of a gateway, if it was remembered."""
    java: JavaProcess | None = vars(client).get("cygnet_java")
    return java


def newest() -> JavaProcess | None:
    """Return the process of the newest session, if there was one."""
    return _newest[-1] if _newest else None


def in_words(code: int) -> str:
    """Return how a process ended, by its exit code: e.g. ``was killed (SIGKILL)``."""
    if code < 0:
        return f"was killed ({signal.Signals(-code).name})"
    return f"ended with exit code {code}"
