"""Asks the running hub, and through it the notebook servers, what they do."""

from dataclasses import dataclass
from typing import Any

from cygnet_hub.local.settings import Settings
from cygnet_hub.service import rest

_CALM = {"idle", "dead"}
"""States of a kernel, as Jupyter Server names them, in which nothing can be lost."""


@dataclass(frozen=True, slots=True)
class Server:
    """A notebook server as the hub knows it."""

    user: str
    """Whose it is."""
    url: str
    """Its path on the service's port, with a slash at the end."""
    is_ready: bool
    """Whether it answers; False while it starts or stops, and when stopped."""
    ending: str
    """How it ended unasked, as a sentence; empty when it did not."""


@dataclass(frozen=True, slots=True)
class BusyKernel:
    """A kernel that is running code."""

    name: str
    """The notebook's path, or the kernel's id when it has none."""


def is_healthy(port: int) -> bool:
    """Return whether a hub, and not another program, answers on a port.

    The port is the hub's own or the proxy's.
    """
    answer = rest.ask(f"http://127.0.0.1:{port}/hub/health")
    return answer.is_good and answer.content is not None


def is_ours(settings: Settings) -> bool:
    """Return whether the hub that the proxy leads to is the one with our token."""
    return _get(settings.port, "/hub/api/users", settings) is not None


def servers(settings: Settings) -> tuple[Server, ...] | None:
    """Ask the hub which notebook servers it knows; ``None`` without an answer."""
    path = "/hub/api/users?include_stopped_servers=1"
    users = _get(settings.hub_port, path, settings)
    if users is None:
        return None
    return tuple(
        _server(user["name"], server)
        for user in users
        for server in (user.get("servers") or {}).values()
    )


def busy_kernels(settings: Settings) -> tuple[BusyKernel, ...] | None:
    """Ask which kernels may be running code now, sorted by name.

    A server learns from its kernel when code begins, and hears nothing while it still
    connects to a kernel that has just started. So a kernel counts unless its server
    knows that it is idle, or has ended.

    ``None`` when the hub or a server did not answer.
    """
    known = servers(settings)
    if known is None:
        return None
    busy: set[BusyKernel] = set()
    for server in known:
        if not server.is_ready:
            continue
        found = _busy(settings, server)
        if found is None:
            return None
        busy |= found
    return tuple(sorted(busy, key=lambda kernel: kernel.name))


def _server(user: str, model: dict[str, Any]) -> Server:
    """Read JupyterHub's model of a server, whose state the spawner wrote."""
    state = model.get("state") or {}
    ending = str(state.get("ending", ""))
    return Server(user, model["url"], bool(model["ready"]), ending)


def _busy(settings: Settings, server: Server) -> set[BusyKernel] | None:
    """Ask one notebook server."""
    kernels = _get(settings.port, f"{server.url}api/kernels", settings)
    sessions = _get(settings.port, f"{server.url}api/sessions", settings)
    if kernels is None or sessions is None:
        return None
    names = {it["kernel"]["id"]: it["path"] for it in sessions if it.get("kernel")}
    return {
        BusyKernel(names.get(kernel["id"], kernel["id"]))
        for kernel in kernels
        if kernel["execution_state"] not in _CALM
    }


def _get(port: int, path: str, settings: Settings) -> list[dict[str, Any]] | None:
    """Return the list that is answered on a port of this machine."""
    url = f"http://127.0.0.1:{port}{path}"
    answer = rest.ask(url, settings.api_token.get_secret_value())
    is_list = answer.is_good and isinstance(answer.content, list)
    return answer.content if is_list else None
