"""Reports what runs of a release, what does not answer, and what to do about it.

A decision without side effects; `release_api` observes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from cygnet_hub.kubernetes.login_link import FORWARDED
from cygnet_hub.kubernetes.settings import KubernetesSettings, Release
from cygnet_hub.service.release_api import Server
from cygnet_hub.service.rest import Answer
from cygnet_hub.service.status import DIED, RUNNING, Report


@dataclass(frozen=True, slots=True)
class Observation:
    """All that is known about a release at one moment."""

    settings: KubernetesSettings
    """What the chart has written."""
    health: Answer
    """Of the hub."""
    servers: tuple[Server, ...] | Answer
    """Those that run, start or stop; what was answered when they are not known."""
    routes: Answer
    """Of the proxy."""


def report(seen: Observation) -> Report:
    """Judge an observation, with a remedy for all that is wrong."""
    wrong = tuple(_wrong(seen))
    return Report((*_lines(seen), *wrong), DIED if wrong else RUNNING)


def kubectl(release: Release, words: str) -> str:
    """Write a command for the administrator's shell."""
    return f"kubectl --namespace {release.namespace} {words}"


def _lines(seen: Observation) -> Iterator[str]:
    """List what there is."""
    release, oidc = seen.settings.release, seen.settings.oidc
    yield (
        f"Cygnet {release.version} is the release {release.name} in the namespace "
        f"{release.namespace}."
    )
    forwarded = f"{FORWARDED}{release.prefix}, by a port-forward"
    yield f"  address: {release.public_url or forwarded}"
    names = "one of its own" if release.host_per_person else "the service's"
    yield f"  host name of each user's servers: {names}"
    links = f"links for {seen.settings.owner}"
    yield f"  login: {f'{oidc.label}, {oidc.issuer}' if oidc else links}"
    yield f"  hub: {_word(is_there=seen.health.is_good)}"
    yield f"  database: {_database(seen.servers)}"
    routes = f", with {_count(len(seen.routes.content or ()), 'route')}"
    proxy = _word(is_there=seen.routes.is_good)
    yield f"  proxy: {proxy}{routes if seen.routes.is_good else ''}"
    if not isinstance(seen.servers, Answer):
        yield f"  servers: {_servers(seen.servers)}"


def _database(servers: tuple[Server, ...] | Answer) -> str:
    """Report whether the hub's database answers; the hub alone asks it."""
    if not isinstance(servers, Answer):
        return _word(is_there=True)
    is_silent = servers.status == HTTPStatus.SERVICE_UNAVAILABLE
    return _word(is_there=False) if is_silent else "not known"


def _servers(found: tuple[Server, ...]) -> str:
    """Count servers."""
    ready = [it for it in found if it.is_ready]
    changing = len(found) - len(ready)
    owners = _count(len({it.user for it in ready}), "user")
    said = f"{len(ready)} running, of {owners}"
    return f"{said}; {changing} starting or stopping" if changing else said


def _wrong(seen: Observation) -> Iterator[str]:
    """Report what does not answer."""
    release = seen.settings.release
    if not seen.health.is_good:
        yield (
            "The hub does not answer. Servers and open notebooks go on, and Kubernetes "
            "starts the hub again; if that lasts, its log says why: "
            f"`{_log(release, 'hub')}`."
        )
    elif isinstance(seen.servers, Answer):
        yield (
            f"The hub was asked for its servers, and {seen.servers.problem}. "
            "`cygnet doctor`, run like this command, looks at it and at the database."
        )
    if not seen.routes.is_good:
        yield (
            f"The proxy was asked for its routes, and {seen.routes.problem}. Until it "
            "does, hub and servers go on and cannot be reached; if that lasts, look at "
            f"`{kubectl(release, 'get pods')}` and `{_log(release, 'proxy')}`."
        )


def _log(release: Release, component: str) -> str:
    return kubectl(release, f"logs deployment/{release.name}-{component}")


def _word(*, is_there: bool) -> str:
    return "answers" if is_there else "does not answer"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
