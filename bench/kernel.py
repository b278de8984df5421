"""Real kernels for the benchmark: started, listened to and weighed."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

DEADLINE_S = 600.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the things that are compared."""

    name: str
    """What the table calls it."""
    python: Path
    """The interpreter of its environment."""
    extensions: tuple[str, ...]
    """IPython extensions that its kernels load as they start."""
    environment: Mapping[str, str]
    """What its kernels' environment has beside the caller's."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that a page would have received."""

    at: float
    """When it arrived, in seconds of the epoch."""
    size: int
    """How many bytes it was on the wire."""
    kind: str
    """Its message type."""
    parent: str
    """The id of the request that it belongs to, empty for none."""
    content: dict[str, Any]
    """What it says."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """Processor seconds that a kernel has used so far."""

    kernel: float
    """In the kernel's own process."""
    jvm: float
    """In all processes below it."""

    @property
    def total(self) -> float:
        """Both together."""
        return self.kernel + self.jvm


class Kernel:
    """A running kernel and all that it sent to its pages."""

    def __init__(self, arm: Arm, folder: Path) -> None:
        specs = write_kernelspec(arm, folder)
        self._manager = KernelManager(
            kernel_name="bench",
            kernel_spec_manager=KernelSpecManager(
                kernel_dirs=[str(specs)], ensure_native_kernel=False
            ),
        )
        self._messages: list[Message] = []
        self._arrival = threading.Condition()
        self._ended = threading.Event()
        began = time.perf_counter()
        self._manager.start_kernel(
            cwd=str(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "IPYTHONDIR": str(folder), **arm.environment},
        )
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=DEADLINE_S)
        self.start_s = time.perf_counter() - began
        provisioner = self._manager.provisioner
        if not isinstance(provisioner, LocalProvisioner):
            raise TypeError(provisioner)
        self._process = psutil.Process(provisioner.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(self, code: str) -> list[Message]:
        """Run a cell and give all messages from its start to its end."""
        first = len(self._messages)
        request = self._send(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
        )
        with self._arrival:
            done = self._arrival.wait_for(lambda: self._is_done(request), DEADLINE_S)
        messages = self._messages[first:]
        errors = [it.content["evalue"] for it in messages if it.kind == "error"]
        if errors or not done:
            raise RuntimeError(errors or f"no answer within {DEADLINE_S} s")
        return messages

    def open_channel(self, target: str, data: dict[str, Any]) -> None:
        """Open a comm as the peer's page does and say ``data`` on it."""
        comm = {"comm_id": uuid.uuid4().hex}
        self._send("comm_open", {**comm, "target_name": target, "data": {}})
        self._send("comm_msg", {**comm, "data": data})

    def wait_until_silent(self, seconds: float, limit: float) -> float:
        """Wait for a pause of ``seconds``; give how long it took to begin."""
        began = time.time()
        while time.time() - began < limit:
            last = self._messages[-1].at if self._messages else began
            rest = max(last, began) + seconds - time.time()
            if rest <= 0:
                return max(last - began, 0.0)
            with self._arrival:
                self._arrival.wait(rest)
        return limit

    def since(self, moment: float) -> list[Message]:
        """Give the messages that arrived after ``moment``."""
        return [it for it in self._messages if it.at >= moment]

    def cpu(self) -> Cpu:
        """Read the processor time of the kernel and of what it started."""
        below = 0.0
        for child in self._process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                below += busy(child)
        return Cpu(busy(self._process), below)

    def close(self) -> None:
        """End the kernel and everything below it."""
        children = self._process.children(recursive=True)
        self._ended.set()
        self._reader.join()
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=10)

    def _send(self, kind: str, content: dict[str, Any]) -> str:
        message = self._client.session.msg(kind, content, metadata={"cellId": "bench"})
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _is_done(self, request: str) -> bool:
        return any(
            it.kind == "status"
            and it.parent == request
            and it.content["execution_state"] == "idle"
            for it in reversed(self._messages)
        )

    def _read(self) -> None:
        session = self._client.session
        socket = self._client.iopub_channel.socket
        while not self._ended.is_set():
            if not socket.poll(100):
                continue
            parts = socket.recv_multipart()
            at = time.time()
            _, rest = session.feed_identities(parts)
            message = session.deserialize(rest)
            with self._arrival:
                self._messages.append(
                    Message(
                        at=at,
                        size=sum(map(len, parts)),
                        kind=message["msg_type"],
                        parent=message["parent_header"].get("msg_id", ""),
                        content=message["content"],
                    )
                )
                self._arrival.notify_all()


@contextlib.contextmanager
def running(arm: Arm) -> Iterator[Kernel]:
    """Run a kernel of ``arm`` for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as folder:
        kernel = Kernel(arm, Path(folder))
        try:
            yield kernel
        finally:
            kernel.close()


def write_kernelspec(arm: Arm, folder: Path) -> Path:
    """Write a kernelspec and a throw-away IPython profile for ``arm``."""
    spec = folder / "kernels/bench"
    spec.mkdir(parents=True)
    launch = [str(arm.python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    argv = [*launch, "-f", "{connection_file}"]
    description = {"argv": argv, "display_name": "bench", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(description))
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(
        f"c.InteractiveShellApp.extensions = {list(arm.extensions)!r}\n"
    )
    return spec.parent


def busy(process: psutil.Process) -> float:
    """Give the processor seconds of one process."""
    times = process.cpu_times()
    return float(times.user + times.system)
