"""The notebook server's side of Cygnet: its pages in JupyterLab.

The server extension corrects the environment that kernels and terminals inherit,
registers what exports do with Spark panels, checks logins again, and lets folders
follow shares.
"""

from typing import TYPE_CHECKING, TypedDict

from cygnet_lab import login
from cygnet_lab.environment import leave_out_relative, share_access

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = [
    "ExtensionPoint",
    "LabExtension",
    "_jupyter_labextension_paths",
    "_jupyter_server_extension_points",
    "_link_jupyter_server_extension",
    "_load_jupyter_server_extension",
    "_start_jupyter_server_extension",
]


_PLAIN_TEXT = "spark_monitor.export.in_plain_text"


class ExtensionPoint(TypedDict):
    """One importable module that Jupyter Server loads."""

    module: str
    """The dotted name of the module."""


class LabExtension(TypedDict):
    """One built JupyterLab extension of this package."""

    src: str
    """The folder of the built extension, relative to this package."""

    dest: str
    """The folder below ``share/jupyter/labextensions``."""


def _jupyter_server_extension_points() -> list[ExtensionPoint]:
    """Name the modules that Jupyter Server loads.

    Returns
    -------
    list of ExtensionPoint
        This package alone.

    Notes
    -----
    Jupyter Server finds this function by its name.
    """
    return [{"module": "cygnet_lab"}]


def _jupyter_labextension_paths() -> list[LabExtension]:
    """Say where the built JupyterLab extension lies.

    Returns
    -------
    list of LabExtension
        One entry, whose ``dest`` is the name of the npm package.

    Notes
    -----
    ``jupyter-builder develop`` finds this function by its name.
    """
    return [{"src": "labextension", "dest": "@cygnet/lab"}]


def _link_jupyter_server_extension(server_app: "ServerApp") -> None:
    """Let files of other people be served so that they do nothing.

    Parameters
    ----------
    server_app
        The notebook server, before it has made what serves files.

    Notes
    -----
    Jupyter Server finds this function by its name. The folder of configuration that
    names this extension can set nothing else.
    """
    handler = "cygnet_lab.shared_file.SharedFileHandler"
    server_app.config.ContentsManager.files_handler_class = handler


def _load_jupyter_server_extension(server_app: "ServerApp") -> None:
    """Put the environment right before the first kernel starts, and say so.

    Parameters
    ----------
    server_app
        The running notebook server.

    Notes
    -----
    Jupyter Server finds this function by its name. The command `jupyter nbconvert`
    reads the same from `extensions/nbconvert.json`, which the server does not.
    """
    for sentence in leave_out_relative():
        server_app.log.warning("%s", sentence)
    server_app.config.MarkdownExporter.preprocessors.append(_PLAIN_TEXT)
    if hasattr(server_app.identity_provider, "hub_auth"):
        login.keep(server_app)
    server_app.log.info("Cygnet's pages are loaded")
    if (access := share_access()) is not None:
        # Last, as nothing else may fail with it. Its libraries take time to import.
        from cygnet_lab.share import start  # noqa: PLC0415

        start.prepare(server_app, access)


async def _start_jupyter_server_extension(server_app: "ServerApp") -> None:
    """Let the folders that follow shares do so, once there is an event loop.

    Parameters
    ----------
    server_app
        The running notebook server.

    Notes
    -----
    Jupyter Server finds this function by its name.
    """
    sharing = server_app.web_app.settings.get("cygnet_sharing")
    if sharing is not None:
        sharing.start()
