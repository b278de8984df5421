"""The notebook server as a process: started, watched and ended with its kernels.

Knows nothing of JupyterHub. The server gets a session of its own, so that it
outlives a hub that is killed; `remember` and `recall` carry it over to the next.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

import psutil

from cygnet_hub.local import failure, log_file, process_tree
from cygnet_hub.local.errors import LaunchError
from cygnet_hub.local.settings import Settings

GRACE = timedelta(seconds=10)
"""How long a server may take to save what it has and to end its kernels."""
GRACE_AFTER = timedelta(seconds=3)
"""How long what it leaves behind may take."""


def check_room(settings: Settings) -> None:
    """Fail early, and with a reason, where a server would fail late."""
    data = settings.data
    made = (data.server_log.parent, data.runtime)
    for place in (data.path, *made, settings.root_dir):
        try:
            if place in made:
                place.mkdir(mode=0o700, exist_ok=True)
            log_file.check_room(place)
        except OSError as error:
            raise LaunchError(failure.of_os_error(error, place)) from None


class NotebookServer:
    """The one notebook server of a service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._identity: process_tree.Identity | None = None
        self._proc: Popen[bytes] | None = None

    def launch(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start the process; its environment has the service's variables."""
        place = self._settings.data.server_log
        try:
            log = log_file.begin(place)
        except OSError as error:
            raise LaunchError(failure.of_os_error(error, place)) from None
        with log:
            try:
                self._proc = Popen(  # noqa: S603 - The hub's own command.
                    command,
                    env=env,
                    cwd=self._settings.root_dir,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                why = failure.of_program(error, Path(command[0]))
                raise LaunchError(why) from None
        self._identity = process_tree.identify(self._proc.pid)

    def is_running(self) -> bool:
        """Return whether the process runs; before the first start it does not."""
        if self._proc is not None:
            return self._proc.poll() is None
        return self._identity is not None and self._identity.is_running()

    def code(self) -> int | None:
        """Return the exit code as `subprocess` gives it.

        ``None`` when another hub started the process, or while it runs.
        """
        return self._proc.poll() if self._proc is not None else None

    def remember(self) -> dict[str, object]:
        """Return what the next hub needs to find the process, for JSON.

        It is empty without a process.
        """
        if self._identity is None:
            return {}
        return {"pid": self._identity.pid, "created": self._identity.created}

    def recall(self, state: Mapping[str, object]) -> None:
        """Take over the process that another hub started, from what it remembered."""
        pid, created = state.get("pid"), state.get("created")
        if isinstance(pid, int) and isinstance(created, float):
            self._identity = process_tree.Identity(pid, created)

    def forget(self) -> None:
        """Let go of a process that has ended."""
        self._identity = None
        self._proc = None

    async def end(self, grace: timedelta = GRACE) -> None:
        """End the server and everything that it started.

        In the grace, the server may end its kernels in good order.
        """
        if self.is_running() and self._identity is not None:
            await asyncio.to_thread(
                self._ask, psutil.Process(self._identity.pid), grace
            )
        await asyncio.to_thread(self.sweep)

    def sweep(self) -> None:
        """End what a server that has gone left behind, e.g. kernels and JVMs."""
        left = process_tree.take(self._settings.data).inside
        process_tree.end((it.process for it in left), GRACE_AFTER)

    def _ask(self, server: psutil.Process, grace: timedelta) -> None:
        """Ask the server alone to end, because it knows how its kernels end well."""
        server.terminate()
        process_tree.await_end([server], grace)
