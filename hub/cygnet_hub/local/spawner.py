"""Starts the owner's notebook server on this machine, as JupyterHub asks for it.

What can be chosen, how a failure reads and how the process lives is decided
elsewhere; this class translates between them and JupyterHub.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from datetime import timedelta

from jupyterhub.spawner import Spawner
from traitlets import Instance, default
from typing_extensions import override

from cygnet_hub.local import (
    choice,
    failure,
    log_file,
    machine,
    offer,
    port,
    process_tree,
    server_process,
    share_service,
)
from cygnet_hub.local.choice import LocalChoice
from cygnet_hub.local.errors import LaunchError
from cygnet_hub.local.server_process import NotebookServer
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn import inheritance, rescue
from cygnet_hub.spawn.errors import StartFailure
from cygnet_hub.spawn.form_spawner import FormSpawner
from cygnet_hub.spawn.options_form import OptionsForm
from cygnet_hub.spawn.reporting_spawner import answers
from cygnet_hub.spawn.rescue import Start
from spark_connector import grant
from spark_connector.grant import Grant

ANSWER = timedelta(seconds=5)
"""How long one answer may take."""
PATIENCE = (5, 15, 30, 60)
"""After so many seconds of waiting the page says that it still waits."""


class LocalSpawner(FormSpawner[LocalChoice], Spawner):
    """The notebook server of the service's owner."""

    settings = Instance(Settings).tag(config=True)
    port: int

    def __init__(self, **kwargs: object) -> None:
        self._is_to_run = False
        super().__init__(**kwargs)
        self._process = NotebookServer(self.settings)

    @property
    @override
    def form(self) -> OptionsForm[LocalChoice]:
        """What this machine has now."""
        found = machine.measure(self.settings.root_dir)
        return choice.form(offer.offers(self.settings, found))

    @override
    def take(self, chosen: LocalChoice) -> None:
        """Give the server its limits for Spark."""
        super().take(chosen)
        granted = Grant(cores=chosen.cores, memory=str(chosen.memory))
        self.environment = grant.write(granted)

    @override
    def get_env(self) -> dict[str, str]:
        """Return the server's environment, which kernels inherit."""
        data = self.settings.data
        env = inheritance.inherited(
            super().get_env(),
            data.kernels,
            inheritance.service_environment(),
        )
        is_usual = self.own is Start.USUAL
        theirs = env.get("JUPYTER_PATH", "") if is_usual else ""
        paths = (str(data.jupyter), theirs)
        env |= {
            process_tree.MARK: str(data),
            process_tree.SERVICE_VARIABLE: str(data),
            "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),
            "JUPYTER_RUNTIME_DIR": str(data.runtime),
        }
        bundles = tuple(map(str, self.settings.bundle_dirs))
        shared = share_service.service(self.settings).api
        share_url = shared if self.settings.sharing else ""
        env |= grant.write(Grant(bundles=bundles, share_url=share_url))
        return env | rescue.environment(self.own, str(data.rescue))

    @override
    async def start(self) -> tuple[str, int]:
        """Start the server and wait until it answers or has failed."""
        self.begin()
        try:
            await self._launch()
            self.say(40, "Waiting for the notebook server to answer…")
            await self._answer()
        except LaunchError as error:
            self.failure = error.why
            raise StartFailure(error.why) from None
        self._is_to_run = True
        self.say(90, "Connecting the browser with it…")
        return self.ip, self.port

    async def _launch(self) -> None:
        """Start the server's process."""
        self.port = self.port or port.any_free()
        self.say(10, "Looking for room on the disk…")
        await asyncio.to_thread(server_process.check_room, self.settings)
        # A rescue start finds no file of an earlier one.
        place = self.settings.data.rescue
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        self.say(20, "Starting the notebook server…")
        self._process.launch([*self.cmd, *self.get_args()], self.get_env())
        self.log.info("Notebook server started port=%d", self.port)
        # A hub that is killed from now on finds the server when it is back.
        self.orm_spawner.state = self.get_state()
        self.user.db.commit()

    async def _answer(self) -> None:
        """Wait for the server's first answer."""
        loop, data = asyncio.get_running_loop(), self.settings.data
        begun, patience = loop.time(), list(PATIENCE)
        url = f"http://{self.ip}:{self.port}{self.server.base_url}"
        while not await answers(url, ANSWER):
            waited = loop.time() - begun
            if not self._process.is_running():
                code = self._process.code()
                log = log_file.tail(data.server_log)
                raise LaunchError(failure.of_exit(code, log, data))
            if waited > self.http_timeout:
                limit = timedelta(seconds=waited)
                log = log_file.tail(data.server_log)
                raise LaunchError(failure.of_time(limit, log, data))
            if patience and waited > patience[0]:
                self.say(50, _still_waiting(patience.pop(0)))
            await asyncio.sleep(0.1)

    @override
    async def poll(self) -> int | None:
        """Return whether the server runs, and note an end without a request."""
        if self._process.is_running():
            return None
        code = self._process.code()
        if self._is_to_run and not self.ending:
            self.ending = failure.ending(code)
            self.log.warning("Notebook server ended unasked code=%s", code)
        return code or 0

    @override
    async def stop(self, now: bool = False) -> None:
        """End the server with its kernels; nothing of it is left running."""
        self._is_to_run = False
        await (self._process.end(timedelta()) if now else self._process.end())

    @default("post_stop_hook")
    def _default_post_stop_hook(self) -> object:
        return LocalSpawner._sweep

    async def _sweep(self) -> None:
        """End what a server left behind that ended by itself or was killed."""
        await asyncio.to_thread(self._process.sweep)

    @override
    def get_state(self) -> dict[str, object]:
        """Return what the next hub must know of this server."""
        state: dict[str, object] = super().get_state()
        if self._process.remember():
            state |= self._process.remember()
            state |= {"port": self.port, "hub": self.hub.api_url}
        return state

    @override
    def load_state(self, state: Mapping[str, object]) -> None:
        """Find the server that another hub started."""
        super().load_state(state)
        known = state.get("port")
        # A server that knows the hub by another address cannot be logged in to.
        if isinstance(known, int) and state.get("hub") == self.hub.api_url:
            self.port = known
            self._process.recall(state)
            self._is_to_run = True

    @override
    def clear_state(self) -> None:
        """Let go of a server that has ended; how it ended stays known."""
        super().clear_state()
        # JupyterHub asks for the state after this, so the ending gets into the
        # database and is known to the next spawner object, and to the next hub.
        self._process.forget()
        self.port = 0

    @override
    async def get_url(self) -> str:
        """Return where the server that another hub started is."""
        return f"http://{self.ip}:{self.port}{self.server.base_url}"


def _still_waiting(seconds: int) -> str:
    """Report that the server is not ready yet, and why that can be."""
    return (
        f"Still waiting after {seconds} seconds. The first start after an "
        "installation takes longest…"
    )
