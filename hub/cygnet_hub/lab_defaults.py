"""What JupyterLab does until its user decides otherwise.

The defaults lie in the data directory, as JupyterLab's "application settings". What
somebody chooses in the settings editor is kept elsewhere and wins over them.
"""

import json
from pathlib import Path

from cygnet_hub import private_file

_APP = "@jupyterlab/apputils-extension"
OVERRIDES = {
    f"{_APP}:themes": {"adaptive-theme": True},
    f"{_APP}:notification": {"checkForUpdates": False, "fetchNews": "false"},
}
"""Light or dark as the person's system is, and no question about news."""
APPLICATION = {
    "news_url": None,
    "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
}
"""JupyterLab asks nobody for news and newer versions, with traitlets' names."""


def arguments(data_dir: Path) -> list[str]:
    """Write the defaults, and return what the notebook server is told of them.

    Parameters
    ----------
    data_dir
        The service's data directory, existing.

    Returns
    -------
    list of str
        For its command line. JupyterLab asks nobody for news and newer versions:
        whoever installed the service brings it up to date.

    Raises
    ------
    DataDirectoryError
        When the data directory cannot be written.
    DiskFullError
        When there is no space.
    """
    folder = private_file.make_directory(data_dir / "lab")
    private_file.write(folder / "overrides.json", json.dumps(OVERRIDES) + "\n")
    return [
        f"--LabApp.app_settings_dir={folder}",
        *(f"--LabApp.{name}={value}" for name, value in APPLICATION.items()),
    ]
