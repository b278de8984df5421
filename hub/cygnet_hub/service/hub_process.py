"""The hub's own process: how it is started, and how it ended."""

import signal
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

from cygnet_hub import private_file
from cygnet_hub.local import log_file, program, settings
from cygnet_hub.local.settings import Settings

_CONFIG = Path(__file__).parents[1] / "local" / "jupyterhub_config.py"


def launch(chosen: Settings) -> Popen[bytes]:
    """Start the hub in a session of its own, which a lost terminal leaves alone.

    The settings are saved. The log begins again, and the one before is kept.
    """
    file = chosen.data.hub_log
    private_file.make_directory(file.parent)
    try:
        log = log_file.begin(file)
    except OSError as error:
        raise private_file.explain(error, file) from error
    with log:
        return Popen(  # noqa: S603 - our own Python and our own file
            program.command("jupyterhub", "-f", str(_CONFIG)),
            cwd=chosen.data_dir,
            env=settings.hub_environment(chosen),
            stdin=DEVNULL,
            stdout=log,
            stderr=STDOUT,
            start_new_session=True,
        )


def ending(code: int) -> str:
    """Put a process's end into words that follow its name.

    The code is negative for the signal that ended it.
    """
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
