"""Traefik from PyPI as JupyterHub's proxy, on loopback and watched.

The package `jupyterhub-traefik-proxy` starts Traefik once. This class also starts
it again when it has died. `leftover` ends the one of a hub that was killed.
"""

import asyncio
import sysconfig
from datetime import timedelta
from pathlib import Path

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from tornado.ioloop import PeriodicCallback
from typing_extensions import override

CHECK = timedelta(seconds=1)
"""How often a dead proxy is looked for."""


class LocalTraefik(TraefikFileProviderProxy):  # type: ignore[misc]  # No types.
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

    @override
    async def stop(self) -> None:
        """Stop Traefik for good."""
        if self._watch is not None:
            self._watch.stop()
        await super().stop()

    @override
    async def _wait_for_static_config(self) -> None:
        """Wait until Traefik answers; fail at once when it has ended."""
        answer = asyncio.ensure_future(super()._wait_for_static_config())
        while not answer.done():
            code = self.traefik_process.poll()
            if code is not None:
                answer.cancel()
                message = f"The proxy ended with exit code {code}"
                raise ChildProcessError(message)
            await asyncio.wait([answer], timeout=0.1)
        await answer

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
    """Return where `pip` put the ``traefik`` program.

    Returns
    -------
    Path
        The directory of the scripts of this environment.
    """
    return Path(sysconfig.get_path("scripts"))
