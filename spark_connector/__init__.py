"""Connect a notebook or a script to Spark by the name of a bundle.

    import spark_connector
    spark = spark_connector.connect()

`%load_ext spark_connector` adds what a notebook needs; Cygnet's kernels do it for you.
Nothing heavy is imported before the first call.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spark_connector.api import connect, disconnect, explain, status

_HOME = {
    "connect": "spark_connector.api",
    "disconnect": "spark_connector.api",
    "explain": "spark_connector.api",
    "status": "spark_connector.api",
}

__all__ = [
    "connect",
    "disconnect",
    "explain",
    "load_ipython_extension",
    "status",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type depends on the name.
    """Import what is asked for.

    Parameters
    ----------
    name
        A name of the public surface.

    Returns
    -------
    Any
        What has that name.

    Raises
    ------
    AttributeError
        For any other name.
    """
    if name not in _HOME:
        message = f"module 'spark_connector' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
    """Let IPython load the extension.

    Parameters
    ----------
    shell
        IPython's shell.
    """
    import_module("spark_connector.kernel").load(shell)


def unload_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
    """Let IPython unload the extension; a session that runs stays.

    Parameters
    ----------
    shell
        IPython's shell.
    """
    import_module("spark_connector.kernel").unload(shell)
