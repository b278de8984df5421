"""Where the command runs: on a machine of its own, or in a pod of a release.

Decided by what the chart mounts into the hub's pod and the hub writes into a server's
pod, and by nothing that either could have by chance.
"""

from dataclasses import dataclass

from cygnet_hub import environment, settings_model
from cygnet_hub.environment import ServerPod


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, on which the service of one user runs."""


@dataclass(frozen=True, slots=True)
class HubPod:
    """The pod of a release's hub."""


Location = Machine | HubPod | ServerPod


def find() -> Location:
    """Find out where this process runs.

    It is the hub's pod where the chart has mounted its settings, even if they are
    wrong.
    """
    if settings_model.FILE.exists():
        return HubPod()
    return environment.server_pod() or Machine()
