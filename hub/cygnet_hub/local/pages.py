"""The start page of one machine, and which pages that installation has."""

import asyncio
from http import HTTPStatus

from tornado.web import HTTPError
from typing_extensions import override

from cygnet_hub.local import server_process
from cygnet_hub.local.errors import LaunchError
from cygnet_hub.local.settings import Settings
from cygnet_hub.pages.handlers import ASSETS, FormPage, StopCall


def handlers(chosen: Settings) -> list[tuple[object, ...]]:
    """Return the pages that come before JupyterHub's of the same address.

    Each is a pattern, a handler and its arguments, as Tornado takes them.
    """
    settings = {"chosen": chosen}
    return [
        (r"/spawn", StartPage, settings),
        (r"/spawn/([^/]+)", StartPage, settings),
        (r"/stop", StopCall),
        ASSETS,
    ]


class StartPage(FormPage):
    """The start page, which looks for room on the disk first."""

    @override
    def initialize(self, chosen: Settings) -> None:
        """Keep the settings."""
        self._settings = chosen

    @override
    async def prepare(self) -> None:
        """Refuse to start on a full disk, which fails in the hub's database first."""
        await super().prepare()
        if self.request.method != "POST" or not self.current_user:
            return
        try:
            await asyncio.to_thread(server_process.check_room, self._settings)
        except LaunchError as error:
            text = f"Nothing was started. {error.why.reason} {error.why.remedy}"
            raise HTTPError(HTTPStatus.INSUFFICIENT_STORAGE, text) from None
