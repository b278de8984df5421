"""Asks hub and proxy of a release what they do; runs inside the hub's pod."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from cygnet_hub.kubernetes.settings import Release
from cygnet_hub.service.rest import Answer, ask

PAGE = 200
"""How many users JupyterHub lists at once, at most."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that the hub knows as running, starting or stopping."""

    user: str
    """Whose it is."""
    is_ready: bool
    """Whether it runs."""


def health(release: Release) -> Answer:
    """Ask whether the hub of this pod answers."""
    return ask(f"{_hub(release)}/health")


def servers(release: Release, token: str) -> tuple[Server, ...] | Answer:
    """Ask the hub which servers there are, or return the answer that was not good."""
    found: list[Server] = []
    for begin in count(0, PAGE):
        page = f"state=active&limit={PAGE}&offset={begin}"
        answer = ask(f"{_hub(release)}/api/users?{page}", token)
        if not answer.is_good or not isinstance(answer.content, list):
            return answer
        found += _listed(answer.content)
        if len(answer.content) < PAGE:
            break
    return tuple(found)


def routes(release: Release, token: str) -> Answer:
    """Ask the proxy for its routes, a mapping of paths."""
    return ask(f"{release.proxy_api_url}/api/routes", token)


def _hub(release: Release) -> str:
    """Return where the hub listens in its own pod."""
    return f"http://127.0.0.1:{urlsplit(release.hub_url).port}{release.prefix}hub"


def _listed(users: list[Mapping[str, Any]]) -> Iterator[Server]:
    """Read JupyterHub's models of users."""
    for user in users:
        for server in (user.get("servers") or {}).values():
            yield Server(str(user["name"]), bool(server.get("ready")))
