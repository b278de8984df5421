"""Traefik from PyPI as JupyterHub's proxy, on loopback and watched.

The package `jupyterhub-traefik-proxy` starts Traefik once. This class also ends
one that a killed hub left, and starts Traefik again when it has died.
"""

import sysconfig
from datetime import timedelta
from pathlib import Path

import psutil
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from tornado.ioloop import PeriodicCallback
from typing_extensions import override

from cygnet_hub import process

CHECK = timedelta(seconds=1)
"""How often a dead proxy is looked for."""


class LocalTraefik(TraefikFileProviderProxy):  # type: ignore[misc]  # No types.
    """The proxy of an embedded service."""

    _watch: PeriodicCallback | None = None

    @override
    async def start(self) -> None:
        """Start Traefik, in place of one that a killed hub left."""
        process.end(self._leftovers(), timedelta(seconds=2))
        # The rules of a killed hub hold its password for the API, and they would
        # win over ours. The hub adds the routes of living servers by itself.
        Path(self.dynamic_config_file).unlink(missing_ok=True)
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

    async def _revive(self) -> None:
        """Start Traefik again when it has died; the routes are still known."""
        code = self.traefik_process.poll()
        if code is None:
            return
        self.log.warning("The proxy died and is started again code=%s", code)
        self._start_traefik()
        await self._wait_for_static_config()
        self.log.info("The proxy answers again")

    def _leftovers(self) -> list[psutil.Process]:
        """Find the Traefik that reads the same file as ours."""
        file = str(Path(self.static_config_file).absolute())
        return [
            found
            for found in psutil.process_iter(["cmdline", "pid"])
            if file in (found.info["cmdline"] or ())
        ]


def binary_directory() -> Path:
    """Return where `pip` put the ``traefik`` program.

    Returns
    -------
    Path
        The directory of the scripts of this environment.
    """
    return Path(sysconfig.get_path("scripts"))
