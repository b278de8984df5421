"""Asks the running hub, and through it the notebook servers, what they do."""

import json
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

from cygnet_hub.local.settings import Settings

PATIENCE = timedelta(seconds=5)
"""How long one answer may take."""
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
    """Tell whether the hub answers.

    Parameters
    ----------
    port
        The hub's own port, or the proxy's.

    Returns
    -------
    bool
        False also when somebody else listens there.
    """
    return _get(port, "/hub/health", "") is not None


def is_ours(settings: Settings) -> bool:
    """Tell whether the hub that the proxy leads to is the one with our token.

    Parameters
    ----------
    settings
        Of the service.

    Returns
    -------
    bool
        False also when the hub of another service answers on the port.
    """
    token = settings.api_token.get_secret_value()
    return isinstance(_get(settings.port, "/hub/api/users", token), list)


def servers(settings: Settings) -> tuple[Server, ...] | None:
    """Ask the hub which notebook servers it knows.

    Parameters
    ----------
    settings
        Of the running service.

    Returns
    -------
    tuple of Server, or None
        ``None`` when the hub does not answer.
    """
    token = settings.api_token.get_secret_value()
    path = "/hub/api/users?include_stopped_servers=1"
    users = _get(settings.hub_port, path, token)
    if users is None:
        return None
    return tuple(
        _server(user["name"], server)
        for user in users
        for server in (user.get("servers") or {}).values()
    )


def busy_kernels(settings: Settings) -> tuple[BusyKernel, ...] | None:
    """Ask which kernels may be running code now.

    A server learns from its kernel when code begins, and hears nothing while it still
    connects to a kernel that has just started. So a kernel counts unless its server
    knows that it is idle, or has ended.

    Parameters
    ----------
    settings
        Of the running service.

    Returns
    -------
    tuple of BusyKernel, or None
        Sorted by name; ``None`` when somebody did not answer.
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
    token = settings.api_token.get_secret_value()
    kernels = _get(settings.port, f"{server.url}api/kernels", token)
    sessions = _get(settings.port, f"{server.url}api/sessions", token)
    if kernels is None or sessions is None:
        return None
    names = {it["kernel"]["id"]: it["path"] for it in sessions if it.get("kernel")}
    return {
        BusyKernel(names.get(kernel["id"], kernel["id"]))
        for kernel in kernels
        if kernel["execution_state"] not in _CALM
    }


# What another party's JSON holds has no better type than Any.
def _get(port: int, path: str, token: str) -> Any:  # noqa: ANN401
    """Return the answer's JSON, ``None`` when there is no good answer."""
    headers = {"Authorization": f"token {token}"} if token else {}
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE.total_seconds())
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body or b"{}") if answer.status == HTTPStatus.OK else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
