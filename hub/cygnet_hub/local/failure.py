"""Why a notebook server did not start, or ended, in words for its user.

A decision without side effects: what the operating system said and the end of the
log in, reason and remedy out. The pages lay it out.
"""

import errno
import re
import signal
from datetime import timedelta
from pathlib import Path

from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.spawn.failure import Failure, last_lines

_PORT_TAKEN = re.compile(
    r"address already in use|port \d+ is (already )?in use", re.IGNORECASE
)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def of_os_error(error: OSError, place: Path) -> Failure:
    """Explain what the operating system refused before there was a server.

    The place was being written, opened or run.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _full(place)
    reason = (error.strerror or str(error)).lower()
    return Failure(
        f"{place} cannot be used: {reason}.",
        "Correct that, or run “cygnet doctor” in a terminal, then start again.",
    )


def of_program(error: OSError, program: Path) -> Failure:
    """Explain why the server's program cannot be run."""
    reason = (error.strerror or str(error)).lower()
    return Failure(
        f"The notebook server's program {program} cannot be run: {reason}.",
        "Install Cygnet again with its parts “hub” and “lab”: "
        "pip install --force-reinstall 'cygnet[hub,lab]'.",
    )


def of_exit(code: int | None, log: str, data: DataDirectory) -> Failure:
    """Explain why the server ended before it answered.

    The exit code is as `subprocess` gives it, ``None`` when it is unknown. The failure
    has the end of the log, unless that only repeats the reason.
    """
    if _FULL.search(log):
        return _full(data.path)
    if _PORT_TAKEN.search(log):
        return Failure(
            "Another program took the notebook server's port first.",
            "Start again: another port is chosen then.",
        )
    return Failure(
        f"The notebook server {_ended(code)} while it was starting.",
        "The last lines of its log say why; the whole log is "
        f"{data.server_log}. If they name a file of your own, start "
        "without your own settings and mend it.",
        last_lines(log),
        is_own=True,
    )


def of_time(limit: timedelta, log: str, data: DataDirectory) -> Failure:
    """Explain that the server did not answer in time."""
    return Failure(
        "The notebook server runs but did not answer within "
        f"{limit.total_seconds():.0f} seconds, so it was stopped.",
        "A busy machine or a slow disk can be the cause: start again. If it stays "
        f"so, start without your own settings, or look into "
        f"{data.server_log}.",
        last_lines(log),
        is_own=True,
    )


def ending(code: int | None) -> str:
    """Explain in a sentence or two how a running server ended by itself.

    The exit code is as `subprocess` gives it, ``None`` when it is unknown.
    """
    sentence = f"The notebook server {_ended(code)} without a request to stop."
    if code == -signal.SIGKILL:
        return f"{sentence} Systems do that to programs when memory runs out."
    return sentence


def _full(place: Path) -> Failure:
    """Explain a disk without space."""
    return Failure(
        f"The disk that holds {place} is full.",
        "Free some space there, then start again.",
    )


def _ended(code: int | None) -> str:
    """Describe how a process ended, as a verb."""
    if code is None:
        return "ended"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
