"""The hub's own process: how it is started, and what it wrote last."""

import os
import signal
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

from cygnet_hub import private_file
from cygnet_hub.local import program, settings
from cygnet_hub.local.settings import Settings

_TAIL_BYTES = 64 * 1024
_CONFIG = Path(__file__).parents[1] / "local" / "jupyterhub_config.py"


def log_file(data_dir: Path) -> Path:
    """Return where hub and proxy write.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    Path
        In its ``logs`` directory.
    """
    return data_dir / "logs" / "hub.log"


def launch(chosen: Settings) -> Popen[bytes]:
    """Start the hub in a session of its own, which a lost terminal leaves alone.

    Parameters
    ----------
    chosen
        The settings, saved.

    Returns
    -------
    Popen of bytes
        The process; its log is fresh, and the one before is kept.

    Raises
    ------
    DataDirectoryError
        When the log cannot be written.
    DiskFullError
        When there is no space for it.
    """
    file = log_file(chosen.data_dir)
    private_file.make_directory(file.parent)
    try:
        if file.exists():
            file.replace(file.with_name("hub.previous.log"))
        log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise private_file.explain(error, file) from error
    try:
        return Popen(  # noqa: S603 - our own Python and our own file
            program.command("jupyterhub", "-f", str(_CONFIG)),
            cwd=chosen.data_dir,
            env=settings.hub_environment(chosen),
            stdin=DEVNULL,
            stdout=log,
            stderr=STDOUT,
            start_new_session=True,
        )
    finally:
        os.close(log)


def tail(data_dir: Path) -> str:
    """Read the end of the log.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    str
        At most 64 KiB, empty when there is no log.
    """
    try:
        with log_file(data_dir).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def ending(code: int) -> str:
    """Put a process's end into words.

    Parameters
    ----------
    code
        Its exit code, or the negative number of the signal that ended it.

    Returns
    -------
    str
        Such as "was killed by SIGKILL", to follow the process's name.
    """
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
