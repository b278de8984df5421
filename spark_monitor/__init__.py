"""Shows under each notebook cell what Spark does for it, while it does it.

An IPython extension: ``%load_ext spark_monitor``. It needs no configuration and works
with any classic Spark session, however it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Start the monitor; IPython calls this for ``%load_ext spark_monitor``.

    Parameters
    ----------
    shell
        The shell of the kernel. In a terminal nothing happens.
    """
    # Imported late: pure modules of this package are read where there is no kernel.
    from spark_monitor import kernel  # noqa: PLC0415

    kernel.load(shell)


def unload_ipython_extension(_shell: InteractiveShell) -> None:
    """End the monitor; IPython calls this for ``%unload_ext spark_monitor``.

    Parameters
    ----------
    _shell
        The shell of the kernel.
    """
    from spark_monitor import kernel  # noqa: PLC0415

    kernel.unload()
