"""What the list of a user's servers shows of each."""

from dataclasses import dataclass
from typing import Literal

from cygnet_hub.spawn.failure import Failure

State = Literal["stopped", "starting", "running", "stopping"]


@dataclass(frozen=True, slots=True)
class ServerLine:
    """One server of the list."""

    name: str
    """Empty for the default server."""
    state: State
    """What it does now."""
    url: str
    """Where it is opened, watched or started, whatever its state asks for."""
    ending: str = ""
    """How it ended without a request to stop."""
    failure: Failure | None = None
    """Why its last start failed."""

    @property
    def id(self) -> str:
        """The prefix of its elements' ids in the page."""
        return f"-{self.name}" if self.name else ""


def state(*, pending: str | None, is_ready: bool) -> State:
    """Return what a server does.

    Parameters
    ----------
    pending
        What JupyterHub waits for: "spawn", "check", "stop" or nothing.
    is_ready
        Whether it answers.
    """
    if pending == "stop":
        return "stopping"
    if pending:
        return "starting"
    return "running" if is_ready else "stopped"
