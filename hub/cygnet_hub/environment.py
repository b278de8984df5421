"""What the environment says of a pod that a hub has made; `settings` reads the rest."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ServerPod:
    """A pod in which the hub of a release has started a user's server."""

    name: str
    """The pod's name."""
    namespace: str
    """The user's namespace."""
    hub_api: str
    """Where the hub's API is."""
    token: str = field(repr=False)
    """What the server asks it with."""

    @property
    def release(self) -> str:
        """Which release it is, in words; its hub's Service is named after it."""
        name, _, rest = (urlsplit(self.hub_api).hostname or "").partition("-hub.")
        place = rest.partition(".")[0]
        return f"the release {name} in the namespace {place}" if place else "a release"


def server_pod() -> ServerPod | None:
    """Return the user's pod that this process runs in, ``None`` outside of one.

    The hub sets these variables in every server's pod.
    """
    names = ("CYGNET_POD_NAME", "CYGNET_POD_NAMESPACE", "JUPYTERHUB_API_URL")
    name, namespace, hub_api = (os.environ.get(it, "") for it in names)
    if not (name and namespace and hub_api):
        return None
    token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
    return ServerPod(name, namespace, hub_api, token)
