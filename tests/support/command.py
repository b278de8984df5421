"""The command `cygnet` as a person types it, on a data directory of its own."""

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any, Self

import psutil
import websocket
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree, settings
from cygnet_hub.local.process_tree import Role
from jupyter_client.blocking.client import BlockingKernelClient

from tests.support.client import ask
from tests.support.hub import RunningHub, tests_environment
from tests.support.port import free_ports
from tests.support.waiting import SLOW_S, until

FOREVER = "import time\nwhile True: time.sleep(0.1)"
"""A cell that does not end by itself."""
CYGNET = str(Path(sys.executable).with_name("cygnet"))
UNPRIVILEGED = (
    (str(shutil.which("setpriv")), "--bounding-set=-all", "--inh-caps=-all")
    if os.geteuid() == 0
    else ()
)
"""Makes root obey permissions, as everybody else does already."""
# Becomes the leader of a session with the terminal on its standard input, and minds
# the signals that whoever runs the tests in the background ignores.
_ON_TERMINAL = """
import fcntl, os, signal, sys, termios
os.setsid()
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass
class Terminal:
    """A terminal in which one command runs."""

    process: subprocess.Popen[bytes]
    master: int
    text: str = field(default="", init=False)

    @classmethod
    def open(cls, command: list[str], environment: dict[str, str], cwd: Path) -> Self:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-c", _ON_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=cwd,
        )
        os.close(slave)
        os.set_blocking(master, False)
        return cls(process, master)

    def read(self) -> str:
        """Return all that was shown until now."""
        try:
            while chunk := os.read(self.master, 65536):
                self.text += chunk.decode(errors="replace")
        except OSError:
            # Nothing new, or the command has ended.
            pass
        return self.text

    def wait_for(self, words: str, timeout: float = SLOW_S) -> str:
        """Wait until the words were shown, and forget what came before them."""
        what = f"the terminal shows {words!r}"
        try:
            until(lambda: words in self.read(), what, timeout)
        except AssertionError as error:
            # The summary of a run has one line for it.
            seen = f"{error}; it shows {self.text!r}"
            raise AssertionError(seen) from None
        before, _, self.text = self.text.partition(words)
        return before + words

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def press_ctrl_c(self) -> None:
        self.press("\x03")

    def close_window(self) -> None:
        os.close(self.master)
        self.master = -1

    def ended(self) -> int:
        """Wait for the command's end and return its exit code."""
        until(lambda: self.read() and self.process.poll() is not None, "it ends")
        assert self.process.returncode is not None
        return self.process.returncode

    def destroy(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SLOW_S)
        if self.master >= 0:
            os.close(self.master)


@dataclass
class Command:
    """One service's place, and the commands that somebody types for it."""

    directory: Path
    port: int
    terminals: list[Terminal] = field(default_factory=list, init=False)

    @property
    def data_dir(self) -> Path:
        return self.directory / "data"

    @property
    def data(self) -> DataDirectory:
        return DataDirectory(self.data_dir)

    @property
    def root_dir(self) -> Path:
        return self.directory / "work"

    @property
    def environment(self) -> dict[str, str]:
        own = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
        return {
            **tests_environment(self.directory),
            **{it: str(self.directory / it.lower()) for it in own},
            "CYGNET_PORT": str(self.port),
        }

    def run(
        self, *arguments: str, under: tuple[str, ...] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command without a terminal, under another program if one is given."""
        return subprocess.run(
            [*under, *self.words(*arguments)],
            env=self.environment | variables,
            cwd=self.root_dir,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=10 * SLOW_S,
            check=False,
        )

    def words(self, *arguments: str) -> list[str]:
        """Return the command's words; the last one is the data directory."""
        return [CYGNET, *arguments, "--data-dir", str(self.data_dir)]

    def detached(self) -> RunningHub:
        """Start the service detached."""
        done = self.run("up", "--detach")
        assert done.returncode == 0, done.stderr
        return self.hub

    def type(self, *arguments: str) -> Terminal:
        """Run a command in a terminal of its own."""
        words = self.words(*arguments)
        terminal = Terminal.open(words, self.environment, self.root_dir)
        self.terminals.append(terminal)
        return terminal

    def up(self) -> Terminal:
        """Start the service in a terminal, and wait until it runs."""
        terminal = self.type("up")
        terminal.wait_for("Stop it with Ctrl-C.")
        return terminal

    @property
    def hub(self) -> RunningHub:
        """The hub that runs, to be visited."""
        saved = settings.saved(self.data.settings)
        assert saved is not None
        return RunningHub(saved)

    @property
    def pids(self) -> frozenset[int]:
        """Every process of the service, also those that only name its place."""
        named = {
            it.pid
            for it in psutil.process_iter(["cmdline"])
            if any(str(self.data_dir) in word for word in it.info["cmdline"] or ())
        }
        typed = {terminal.process.pid for terminal in self.terminals}
        return (process_tree.take(self.data).pids | named) - typed - {os.getpid()}

    @property
    def roles(self) -> set[Role]:
        """What the running processes are to the service."""
        return {it.role for it in process_tree.take(self.data).members}

    @contextmanager
    def notebook(self, name: str = "long.ipynb") -> Generator["Notebook"]:
        """Start a server where none runs, and open a notebook in it."""
        owner = self.hub.owner()
        if not owner.get("/hub/home").url.path.startswith("/user"):
            owner.start_server()
        owner.http.close()
        notebook = Notebook.open(self, name)
        try:
            yield notebook
        finally:
            notebook.client.stop_channels()

    def ask_server(self, method: str, path: str, json: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call the REST API of the notebook server."""
        saved = self.hub.settings
        answer = ask(
            method,
            f"{self.hub.url}/user/{saved.owner}/api/{path}",
            token=saved.api_token.get_secret_value(),
            json=json,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def shell(self, line: str) -> str:
        """Type a line into a terminal of the notebook server; return what it shows."""
        saved = self.hub.settings
        name = self.ask_server("POST", "terminals")["name"]
        address = f"127.0.0.1:{saved.port}/user/{saved.owner}/terminals/websocket"
        header = f"Authorization: token {saved.api_token.get_secret_value()}"
        page = websocket.create_connection(
            f"ws://{address}/{name}", header=[header], timeout=SLOW_S
        )
        # The echo of the line has no mark in one piece.
        marks = ("printf '%s%s\\n' the-begin ning", "printf '%s%s\\n' the-en ding")
        shown = ""
        with closing(page):
            page.send(json.dumps(["stdin", f"{marks[0]}; {line}; {marks[1]}\r"]))
            while "the-ending" not in shown:
                kind, *content = json.loads(page.recv())
                shown += str(content[0]) if kind == "stdout" else ""
        self.ask_server("DELETE", f"terminals/{name}")
        return shown.partition("the-beginning")[2].partition("the-ending")[0].strip()

    def destroy(self) -> None:
        """End what a failed test left."""
        for terminal in self.terminals:
            terminal.destroy()
        if process_tree.take(self.data).members:
            self.run("stop", "--yes")


@dataclass
class Notebook:
    """A notebook's kernel, spoken to directly."""

    kernel_id: str
    client: BlockingKernelClient

    @classmethod
    def open(cls, command: Command, name: str) -> Self:
        body = {
            "path": name,
            "name": name,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        session = command.ask_server("POST", "sessions", body)
        kernel_id = session["kernel"]["id"]
        file = command.data_dir / "runtime" / f"kernel-{kernel_id}.json"
        client = connect(file)

        def is_followed() -> bool:
            """Have the server hear of the kernel, whose first messages it may miss."""
            client.kernel_info()
            kernel = command.ask_server("GET", f"kernels/{kernel_id}")
            return bool(kernel["execution_state"] == "idle")

        until(is_followed, "the server follows the kernel")
        return cls(kernel_id, client)

    def run(self, code: str) -> str:
        """Run code and return what it printed."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            printed.append(str(message["content"].get("text", "")))

        reply = self.client.execute_interactive(
            code, timeout=5 * SLOW_S, output_hook=note
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    def begin(self, code: str) -> None:
        """Run code that does not end, and wait until it runs."""
        self.client.execute(f"print('begun', flush=True)\n{code}")
        until(self._has_begun, "the cell runs")

    def _has_begun(self) -> bool:
        try:
            message = self.client.get_iopub_msg(timeout=0.1)
        except Empty:
            return False
        return "begun" in str(message["content"].get("text", ""))


def connect(file: Path) -> BlockingKernelClient:
    """Return a client of the kernel that listens as the file says."""
    client = BlockingKernelClient()
    client.load_connection_file(str(file))
    client.start_channels()
    # The client's own waiting gives up when a heartbeat is late on a busy machine.
    until(lambda: _is_ready(client), "the kernel answers")
    return client


def _is_ready(client: BlockingKernelClient) -> bool:
    client.kernel_info()
    try:
        client.get_shell_msg(timeout=1)
        client.get_iopub_msg(timeout=1)
    except Empty:
        return False
    return True


@contextmanager
def command(directory: Path, kernels: Path) -> Generator[Command]:
    """Give a service's place with the kernels' environment already made."""
    (port,) = free_ports(1)
    place = Command(directory, port)
    place.root_dir.mkdir(parents=True)
    place.data_dir.mkdir(mode=0o700)
    (place.data_dir / "kernels").symlink_to(kernels)
    try:
        yield place
    finally:
        place.destroy()


def kill(process: psutil.Process) -> None:
    """Kill a process and wait until it has gone, whoever reaps it."""
    process.send_signal(signal.SIGKILL)
    until(lambda: is_gone(process), "the process is gone")


def is_gone(process: psutil.Process) -> bool:
    """Tell whether a process ended; a zombie did."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
