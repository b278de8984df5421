"""A real ipykernel, run as JupyterLab runs it, with both extensions loaded.

`RunningKernel` speaks the Jupyter protocol over jupyter_client: it executes cells with
a cell id, sees everything on iopub (also what no cell asked for), and sends comm
messages on a subshell, as our page does.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any, Self

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop

from tests.support.port import free_ports

EXTENSIONS = ("spark_monitor", "spark_connector")


@dataclass(slots=True)
class Outcome:
    """What one cell did."""

    message_id: str
    status: str = "pending"
    stdout: str = ""
    stderr: str = ""
    result: str = ""
    error_name: str = ""
    error_value: str = ""
    error_text: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    """The content of each display_data and update_display_data, in order."""

    @property
    def is_ok(self) -> bool:
        return self.status == "ok"


class RunningKernel:
    """A kernel process of its own; used as a context manager, it ends with the block.

    Everything but the iopub reader runs in the caller's thread. A specification of the
    kernel's own takes the place of the extensions.
    """

    def __init__(
        self,
        directory: Path,
        *,
        extensions: tuple[str, ...] = EXTENSIONS,
        environment: Mapping[str, str] | None = None,
        spec: Mapping[str, object] | None = None,
    ) -> None:
        _write_kernelspec(directory, spec or _specification(extensions))
        kinds = ("shell", "iopub", "stdin", "hb", "control")
        self._manager = KernelManager(
            # Of its own choice, one may be taken before the kernel listens there.
            **{
                f"{it}_port": port
                for it, port in zip(kinds, free_ports(5), strict=True)
            },
            cache_ports=False,
            kernel_name="cygnet-test",
            kernel_spec_manager=KernelSpecManager(
                kernel_dirs=[str(directory / "kernels")], ensure_native_kernel=False
            ),
            connection_file=str(directory / "connection.json"),
        )
        work = directory / "work"
        work.mkdir(exist_ok=True)
        self._manager.start_kernel(
            cwd=str(work),
            env={
                **os.environ,
                "IPYTHONDIR": str(directory / "ipython"),
                # Else Spark looks for `python3` on the PATH of whoever runs the tests.
                "PYSPARK_PYTHON": sys.executable,
                **(environment or {}),
            },
        )
        provisioner = self._manager.provisioner
        assert isinstance(provisioner, LocalProvisioner)
        self._pid = int(provisioner.pid or 0)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self._messages: list[dict[str, Any]] = []
        self._arrived = threading.Condition()
        self._replies: dict[str, dict[str, Any]] = {}
        self._subshell: str | None = None
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every iopub message so far, oldest first."""
        with self._arrived:
            return list(self._messages)

    def submit(
        self, code: str, cell_id: str | None = None, *, on_subshell: bool = False
    ) -> str:
        """Send a cell without waiting; the message id is what `wait` takes."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self._client.session.msg(
            "execute_request", content, metadata=metadata
        )
        if on_subshell:
            message["header"]["subshell_id"] = self._open_subshell()
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def wait(self, message_id: str, timeout: float = 300) -> Outcome:
        """Wait until the cell's reply and its last output are here."""
        deadline = time.monotonic() + timeout
        while message_id not in self._replies:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError(message_id)
            try:
                reply = self._client.get_shell_msg(timeout=min(remaining, 0.5))
            except Empty:
                continue
            self._replies[reply["parent_header"].get("msg_id", "")] = reply
        self.wait_for(lambda message: _is_idle(message, message_id), timeout)
        return self._outcome(message_id)

    def execute(
        self, code: str, cell_id: str | None = None, timeout: float = 300
    ) -> Outcome:
        """Run a cell to its end."""
        return self.wait(self.submit(code, cell_id), timeout)

    def outcome(self, message_id: str) -> Outcome:
        """What a cell, perhaps still running, has put out so far."""
        return self._outcome(message_id)

    def wait_for(
        self,
        is_wanted: Callable[[dict[str, Any]], bool],
        timeout: float = 60,
        *,
        after: int = 0,
    ) -> dict[str, Any]:
        """Wait for an iopub message from index `after` on, also one that has come."""
        deadline = time.monotonic() + timeout
        seen = after
        with self._arrived:
            while True:
                for message in self._messages[seen:]:
                    if is_wanted(message):
                        return message
                seen = len(self._messages)
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise TimeoutError(timeout)
                self._arrived.wait(remaining)

    def comm_data(self, comm_id: str, after: int = 0) -> list[dict[str, Any]]:
        """The data of every comm message with this id from iopub index `after` on."""
        return [
            message["content"]["data"]
            for message in self.messages[after:]
            if _is_comm(message, comm_id)
        ]

    def wait_for_comm(
        self,
        comm_id: str,
        is_wanted: Callable[[dict[str, Any]], bool],
        *,
        after: int = 0,
        timeout: float = 60,
    ) -> dict[str, Any]:
        """Wait for comm data from iopub index `after` on and return it."""
        message = self.wait_for(
            lambda message: (
                _is_comm(message, comm_id) and is_wanted(message["content"]["data"])
            ),
            timeout,
            after=after,
        )
        data: dict[str, Any] = message["content"]["data"]
        return data

    def send_comm(self, comm_id: str, data: Mapping[str, object]) -> None:
        """Send a message to the kernel on a subshell, as the page does."""
        content = {"comm_id": comm_id, "data": dict(data)}
        message = self._client.session.msg("comm_msg", content)
        message["header"]["subshell_id"] = self._open_subshell()
        self._client.shell_channel.send(message)

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def descendants(self) -> list[psutil.Process]:
        """The processes that the kernel has started and that still run."""
        found = psutil.Process(self.pid).children(recursive=True)
        return [it for it in found if it.status() != psutil.STATUS_ZOMBIE]

    def kill(self) -> None:
        """End the kernel as `kill -9` does; it cannot clean up."""
        psutil.Process(self.pid).kill()
        self.shutdown()

    def shutdown(self) -> None:
        """End the kernel and the client; harmless when repeated."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._reader.join(timeout=5)
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=not self._manager.is_alive())
        self._manager.cleanup_resources()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()

    def _open_subshell(self) -> str:
        if self._subshell is None:
            request = self._client.session.msg("create_subshell_request")
            self._client.control_channel.send(request)
            reply = self._client.get_control_msg(timeout=30)
            self._subshell = str(reply["content"]["subshell_id"])
        return self._subshell

    def _read(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._client.get_iopub_msg(timeout=0.2)
            except Empty:
                continue
            with self._arrived:
                self._messages.append(message)
                self._arrived.notify_all()
        # jupyter_client made an event loop for this thread and never closes it.
        ensure_event_loop().close()

    def _outcome(self, message_id: str) -> Outcome:
        outcome = Outcome(message_id)
        reply = self._replies.get(message_id)
        if reply is not None:
            outcome.status = reply["content"]["status"]
        for message in self.messages:
            if message["parent_header"].get("msg_id") == message_id:
                _add(outcome, message["msg_type"], message["content"])
        return outcome


def _add(outcome: Outcome, kind: str, content: dict[str, Any]) -> None:
    if kind == "stream" and content["name"] == "stdout":
        outcome.stdout += content["text"]
    elif kind == "stream":
        outcome.stderr += content["text"]
    elif kind == "execute_result":
        outcome.result = content["data"].get("text/plain", "")
        outcome.displays.append(content)
    elif kind in {"display_data", "update_display_data"}:
        outcome.displays.append(content)
    elif kind == "error":
        outcome.error_name = content["ename"]
        outcome.error_value = content["evalue"]
        outcome.error_text = "\n".join(content["traceback"])


def _is_idle(message: dict[str, Any], message_id: str) -> bool:
    return bool(
        message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
        and message["parent_header"].get("msg_id") == message_id
    )


def _is_comm(message: dict[str, Any], comm_id: str) -> bool:
    return (
        message["msg_type"] in {"comm_open", "comm_msg"}
        and message["content"]["comm_id"] == comm_id
    )


def _write_kernelspec(directory: Path, spec: Mapping[str, object]) -> None:
    folder = directory / "kernels" / "cygnet-test"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def _specification(extensions: tuple[str, ...]) -> dict[str, object]:
    return {
        "display_name": "Cygnet test",
        "language": "python",
        "argv": [
            sys.executable,
            "-Xfrozen_modules=off",
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
            f"--IPKernelApp.extensions={json.dumps(list(extensions))}",
        ],
    }
