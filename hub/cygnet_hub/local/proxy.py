"""Traefik from PyPI as JupyterHub's proxy, on loopback and watched.

The package `jupyterhub-traefik-proxy` starts Traefik once. This class also starts
it again when it has died. `recovery` ends the one of a hub that was killed.
"""

import asyncio
import sysconfig
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from subprocess import TimeoutExpired

import bcrypt
from jupyterhub.utils import exponential_backoff
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from tornado.httpclient import HTTPClientError
from tornado.ioloop import PeriodicCallback
from traitlets import default
from typing_extensions import override

CHECK = timedelta(seconds=1)
"""How often a dead proxy is looked for."""
GRACE = timedelta(seconds=2)
"""How long requests that are under way when the proxy ends may take."""
_KILLED_AFTER = GRACE + timedelta(seconds=1)
Condition = Callable[[], Awaitable[bool]]


class LocalTraefik(TraefikFileProviderProxy):
    """The proxy of an embedded service."""

    _watch: PeriodicCallback | None = None

    @override
    async def start(self) -> None:
        """Start Traefik and watch it."""
        self._forget_rules()
        await super().start()
        if self._watch is None:
            self._watch = PeriodicCallback(
                self._revive, CHECK / timedelta(milliseconds=1)
            )
            self._watch.start()

    @default("traefik_api_hashed_password")
    def _hash_password(self) -> str:
        # Traefik computes the hash for each request. A random password needs no slow
        # one, which costs a quarter of a second of both processes every time.
        password = self.traefik_api_password.encode()
        return bcrypt.hashpw(password, bcrypt.gensalt(rounds=4)).decode("ascii")

    @override
    async def stop(self) -> None:
        """Stop Traefik for good, while the notebook servers end.

        Notes
        -----
        `jupyterhub-traefik-proxy` 2.1 waits inside the event loop, where a page that
        does not let go of its connection holds up the end of everything else.
        """
        if self._watch is not None:
            self._watch.stop()
        self.log.info("Ending the proxy pid=%d", self.traefik_process.pid)
        self.traefik_process.terminate()
        try:
            patience = _KILLED_AFTER.total_seconds()
            await asyncio.to_thread(self.traefik_process.wait, patience)
        except TimeoutExpired:
            self.traefik_process.kill()
            self.traefik_process.wait()
        self._cleanup()

    @override
    async def _wait_for_static_config(self) -> None:
        """Wait until Traefik answers; fail at once when it has ended."""
        await self._until(self._answers, "The proxy does not answer")

    @override
    async def _wait_for_route(self, routespec: str) -> None:
        """Wait until Traefik knows a route."""

        async def is_known() -> bool:
            kinds = ("service", "router")
            known = [
                await self._check_for_traefik_service(routespec, it) for it in kinds
            ]
            return all(known)

        await self._until(is_known, f"The proxy does not take up {routespec}")

    async def _until(self, condition: Condition, problem: str) -> None:
        """Ask Traefik until a condition holds, at shorter intervals than upstream."""
        waits = {"start_wait": 0.02, "max_wait": 0.1}
        await exponential_backoff(
            condition, problem, timeout=self.check_route_timeout, **waits
        )

    async def _answers(self) -> bool:
        """Return whether Traefik has read its configuration."""
        code = self.traefik_process.poll()
        if code is not None:
            message = f"The proxy ended with exit code {code}"
            raise ChildProcessError(message)
        try:
            await self._traefik_api_request(
                f"/api/entrypoints/{self.traefik_entrypoint}"
            )
        except (HTTPClientError, OSError):
            return False
        return True

    def _forget_rules(self) -> None:
        """Remove the rules of a killed hub.

        They hold its password for the API, which would win over ours. The hub adds
        the routes of living servers by itself.
        """
        Path(self.dynamic_config_file).unlink(missing_ok=True)

    async def _revive(self) -> None:
        """Start Traefik again when it has died; the routes are still known."""
        code = self.traefik_process.poll()
        if code is None:
            return
        self.log.warning("The proxy died and is started again code=%s", code)
        self._start_traefik()
        await self._wait_for_static_config()
        self.log.info("The proxy answers again")


def binary_directory() -> Path:
    """Return where `pip` put ``traefik``: with this environment's scripts."""
    return Path(sysconfig.get_path("scripts"))
