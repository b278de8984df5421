"""How our commands are written in what people read."""

import shlex
from pathlib import Path

from cygnet_hub.local import settings


def command(name: str, data_dir: Path) -> str:
    """Write a command so that it is about a certain service.

    Parameters
    ----------
    name
        Such as ``up``.
    data_dir
        The service's data directory.

    Returns
    -------
    str
        For a shell; the directory is named where it is not the usual one.
    """
    if data_dir == settings.default_data_dir():
        return f"cygnet {name}"
    return f"cygnet {name} --data-dir {shlex.quote(str(data_dir))}"
