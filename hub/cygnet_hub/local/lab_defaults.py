"""What JupyterLab and its server do until their user decides otherwise.

JupyterLab's defaults lie in the data directory, as its "application settings". What a
user chooses in the settings editor is kept elsewhere and wins over them.
"""

import json
from pathlib import Path

from cygnet_hub import private_file

_APP = "@jupyterlab/apputils-extension"
OVERRIDES = {
    f"{_APP}:themes": {"adaptive-theme": True},
    f"{_APP}:notification": {"checkForUpdates": False, "fetchNews": "false"},
}
"""Light or dark as the user's system is, and no question about news."""
_RC = Path(__file__).with_name("terminal.bash")
# A login shell would put the system's programs before the kernels'.
_SHELL = """\
case "${SHELL-}" in */bash) exec "$SHELL" --rcfile "$0" ;; esac
exec "${SHELL:-sh}"
"""
SERVER: dict[str, dict[str, object]] = {
    "KernelSpecManager": {"ensure_native_kernel": False},
    "LabApp": {
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        # The other one installs into the environment that the server runs in.
        "extension_manager": "readonly",
    },
    # Else programs of a folder node_modules in the working directory are run.
    "LanguageServerManager": {"node_roots": []},
    "ServerApp": {
        "terminado_settings": {"shell_command": ["sh", "-c", _SHELL, str(_RC)]},
    },
    # Else templates for exports, which are programs, come from the working directory.
    "TemplateExporter": {"extra_template_basedirs": []},
}
"""Options of the notebook server: class, trait, value, with traitlets' names."""


def arguments(folder: Path) -> list[str]:
    """Write the defaults, and return the server's arguments that name them.

    JupyterLab asks no server for news and newer versions, and installs nothing: the
    service is updated as it was installed.
    """
    private_file.make_directory(folder)
    private_file.write(folder / "overrides.json", json.dumps(OVERRIDES) + "\n")
    return [
        f"--LabApp.app_settings_dir={folder}",
        *(
            f"--{section}.{name}={value}"
            for section, traits in SERVER.items()
            for name, value in traits.items()
        ),
    ]
