"""Starts sharing with the notebook server, and ends it with it."""

from pathlib import Path
from typing import TYPE_CHECKING

from cygnet_lab.environment import ShareAccess
from cygnet_lab.share import contents
from cygnet_lab.share.call_routes import register
from cygnet_lab.share.client import Client
from cygnet_lab.share.sharing import Sharing

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def prepare(server_app: "ServerApp", access: ShareAccess) -> Sharing:
    """Give the server its folders that follow shares; nothing is done yet.

    Parameters
    ----------
    server_app
        The notebook server, before it answers its first request.
    access
        Where the sharing service is.

    Notes
    -----
    Jupyter Server 2.21 lets classes of extensions end things with the server, and not
    modules, so what calls those classes is wrapped.
    """
    sharing = Sharing(Client(access.url, access.token), Path(server_app.root_dir))
    events = server_app.event_logger
    if events is not None:
        contents.listen(events, sharing.notice)
    clean_up = server_app.cleanup_extensions

    async def cleanup_extensions() -> None:
        try:
            await sharing.stop()
        finally:
            await clean_up()

    server_app.cleanup_extensions = cleanup_extensions  # type: ignore[method-assign]
    register(server_app.web_app, sharing)
    return sharing
