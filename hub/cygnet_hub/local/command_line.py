"""Commands as messages name them."""

import shlex

from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import settings


def command(name: str, data: DataDirectory) -> str:
    """Write a command for a shell, e.g. `up`, that is about a certain service.

    The directory is named where it is not the default.
    """
    if data.path == settings.default_data_dir():
        return f"cygnet {name}"
    return f"cygnet {name} --data-dir {shlex.quote(str(data))}"
