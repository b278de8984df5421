"""Asks a cluster what `preflight` judges; runs in the pods of `helm test`.

``listen`` answers on all three ports, ``network`` tries them from another pod,
``processes`` counts what a pod may start where users' pods run, and ``cluster`` asks
the Kubernetes API with the hub's own account.
"""

import contextlib
import json
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from cygnet_hub.kubernetes import (
    home_claim,
    inner_address,
    orphan,
    preflight,
)
from cygnet_hub.kubernetes import (
    settings as cluster_settings,
)
from cygnet_hub.kubernetes.errors import UnseenError
from cygnet_hub.kubernetes.namespace import HOME
from cygnet_hub.kubernetes.preflight import Item, Right
from cygnet_hub.kubernetes.settings import KubernetesSettings, Release

OPEN, CLOSED_PORT, CLOSED_WAY = 8100, 8101, 8102
"""What policies permit; what the listener's does not; what the prober's does not."""
START_SECONDS = 120
"""How long the listener may take to start."""
EFFECT_SECONDS = 20
"""How long a policy may take to be in effect."""
PAGE = 500
"""How many objects are listed at once."""
_ATTEMPT_SECONDS = 3
_STACK_BYTES = 32 * 1024
_API = "https://kubernetes.default.svc"
Reply = tuple[int, dict[str, object]]
"""A status, and the answer."""
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def main(arguments: list[str]) -> int:
    """Do what the first argument says.

    Parameters
    ----------
    arguments
        `listen`, `network` with the listener's name, `processes`, or `cluster`.

    Returns
    -------
    int
        Zero when everything is as it should be.
    """
    if arguments[0] == "listen":
        return listen()
    match arguments:
        case ["network", host]:
            items = network(host)
        case ["processes"]:
            items = (preflight.processes(startable(preflight.MOST_PROCESSES)),)
        case _:
            items = cluster(cluster_settings.load())
    sys.stdout.write(preflight.report(items) + "\n")
    return 0 if all(it.is_good for it in items) else 1


def listen() -> int:
    """Answer on the three ports for ever.

    Returns
    -------
    int
        Never.
    """
    for port in (OPEN, CLOSED_PORT, CLOSED_WAY):
        server = socket.create_server(("", port))
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
    threading.Event().wait()
    return 1


def network(host: str) -> tuple[Item, ...]:
    """Try the three ports; policies get time to take effect.

    Parameters
    ----------
    host
        Where the listener is.
    """
    is_open = _until(lambda: reaches(host, OPEN), START_SECONDS)
    closed = {
        port: not _until(partial(_is_closed, host, port), EFFECT_SECONDS)
        for port in (CLOSED_PORT, CLOSED_WAY)
    }
    return preflight.network(is_open, closed[CLOSED_PORT], closed[CLOSED_WAY])


def reaches(host: str, port: int) -> bool:
    """Try to connect once.

    Parameters
    ----------
    host
        Where.

    Returns
    -------
    bool
        Whether there was an answer.
    """
    with contextlib.suppress(OSError):
        socket.create_connection((host, port), timeout=_ATTEMPT_SECONDS).close()
        return True
    return False


def startable(most: int) -> int | None:
    """Count how many processes this pod may have, by having them for a moment.

    Parameters
    ----------
    most
        Where it ends.

    Returns
    -------
    int or None
        Those that were there before are counted too; ``None`` when none was refused.

    Notes
    -----
    Threads, which take less memory: the kernel's limit counts them as processes.
    https://docs.kernel.org/admin-guide/cgroup-v2.html#pid
    """
    usual = threading.stack_size(_STACK_BYTES)
    end = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(most):
            one = threading.Thread(target=end.wait, args=(START_SECONDS,), daemon=True)
            one.start()
            started.append(one)
    except RuntimeError:
        return threading.active_count()
    finally:
        threading.stack_size(usual)
        end.set()
        for one in started:
            one.join(START_SECONDS)
    return None


def cluster(settings: KubernetesSettings) -> tuple[Item, ...]:
    """Ask the Kubernetes API.

    Returns
    -------
    tuple of Item
        What it says of storage, security, rights and host names.

    Raises
    ------
    OSError
        When it does not answer.
    """
    namespace = settings.release.namespace
    classes = ask("/apis/storage.k8s.io/v1/storageclasses")
    _, own = ask(f"/api/v1/namespaces/{namespace}")
    label = orphan.namespaces(settings.release)
    homes = f"labelSelector={label}&fieldSelector=metadata.name%3D{HOME}"
    claims = ask(f"/api/v1/persistentvolumeclaims?{homes}")
    labels = _metadata(own).get("labels")
    configmap = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cygnet-preflight"},
    }
    path = f"/api/v1/namespaces/{namespace}/configmaps?dryRun=All"
    status, answer = ask(path, configmap)
    asked = (*preflight.NEEDED, *preflight.TOO_MUCH)
    return (
        *volumes(settings, classes, claims),
        *allowed_blocks(settings),
        preflight.security(namespace, labels if isinstance(labels, dict) else {}),
        *preflight.rights({it: may(it) for it in asked}),
        preflight.confinement(status, str(answer.get("message", ""))),
        *host_names(settings.release),
    )


def volumes(
    settings: KubernetesSettings, classes: Reply, claims: Reply
) -> Iterator[Item]:
    """Judge storage classes and the claims of homes.

    Yields
    ------
    Item
        A note in place of a judgement of what the account may not see.
    """
    wanted, size = settings.storage.storage_class, settings.storage.size
    if classes[0] != HTTPStatus.OK:
        yield preflight.unseen("storage classes", *classes)
        return
    known = _items(classes[1])
    yield preflight.storage(map(_metadata, known), wanted)
    if (share := settings.release.share_storage_class) is not None:
        yield preflight.share_storage(map(_metadata, known), share)
    if claims[0] != HTTPStatus.OK:
        yield preflight.unseen(f"homes of {size}", *claims)
        return
    yield home_claim.judge(_items(claims[1]), known, size, wanted)


def host_names(release: Release) -> tuple[Item, ...]:
    """Look up the host name of a made-up user, as a real one's would be.

    Parameters
    ----------
    release
        Says whether each user has one, and below which.

    Returns
    -------
    tuple of Item
        None where everybody has the service's own.
    """
    host = urlsplit(release.public_url).hostname
    if not release.host_per_person or not host:
        return ()
    # With a dot at the end no domain of the cluster's own is tried.
    unused = f"preflight-{secrets.token_hex(8)}.{host}."
    return (preflight.hosts(host, addresses(host), addresses(unused)),)


def addresses(name: str) -> set[str]:
    """Look a name up.

    Returns
    -------
    set of str
        Its addresses; empty when none is known.
    """
    with contextlib.suppress(OSError, UnicodeError):
        return {str(it[4][0]) for it in socket.getaddrinfo(name, None)}
    return set()


def allowed_blocks(settings: KubernetesSettings) -> tuple[Item, ...]:
    """Compare the blocks that users may reach with the cluster's own addresses.

    Returns
    -------
    tuple of Item
        None where no block is named. The hub may not read nodes, which have the ranges
        of pods; their addresses are those of pods that exist.
    """
    blocks = settings.network.allowed
    if not blocks:
        return ()
    groups = _items(ask("/apis")[1], "groups")
    try:
        pods, services = everything("/api/v1/pods"), everything("/api/v1/services")
        found = inner_address.judge(blocks, inner_address.seen(pods, services, groups))
    except UnseenError as error:
        return (preflight.unseen("config.network.allowed", error.status, error.answer),)
    return (found,) if found else ()


def everything(path: str) -> Iterator[dict[str, object]]:
    """List objects of a kind, of which there may be too many to keep.

    Raises
    ------
    UnseenError
        When a page of them is refused.
    """
    more = ""
    while True:
        status, page = ask(f"{path}?limit={PAGE}{more}")
        if status != HTTPStatus.OK:
            raise UnseenError(status, page)
        yield from _items(page)
        token = _metadata(page).get("continue")
        if not token:
            return
        more = f"&continue={quote(str(token))}"


def may(right: Right) -> bool:
    """Ask whether the hub's account may do something, in any namespace."""
    attributes = {
        "verb": right.verb,
        "resource": right.resource,
        "group": right.group,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    status = ask(path, review)[1].get("status")
    return isinstance(status, dict) and status.get("allowed") is True


def ask(path: str, body: Mapping[str, object] | None = None) -> Reply:
    """Send one request to the Kubernetes API.

    Parameters
    ----------
    body
        What is posted; without it something is read.

    Returns
    -------
    tuple of int and dict
        The status and the answer, a refusal's included.
    """
    token = (_ACCOUNT / "token").read_text().strip()
    request = Request(  # noqa: S310 - the address is fixed
        _API + path, json.dumps(body).encode() if body else None
    )
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    context = ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))
    try:
        with urlopen(request, timeout=30, context=context) as answer:  # noqa: S310 - as above
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def _items(listed: dict[str, object], name: str = "items") -> list[dict[str, object]]:
    """Return what a list of the API has, or nothing."""
    items = listed.get(name)
    return items if isinstance(items, list) else []


def _metadata(found: object) -> dict[str, object]:
    """Return the `metadata` of an object, or nothing."""
    metadata = found.get("metadata") if isinstance(found, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _accept(server: socket.socket) -> None:
    """Take connections and end them."""
    while True:
        server.accept()[0].close()


def _is_closed(host: str, port: int) -> bool:
    """Return whether there was no answer."""
    return not reaches(host, port)


def _until(holds: Callable[[], bool], seconds: int) -> bool:
    """Wait for a condition, and say whether it came true."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(1)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
