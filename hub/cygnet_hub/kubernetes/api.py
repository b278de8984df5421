"""Calls the Kubernetes API; other modules decide what is sent.

Objects are applied by the server (field manager `cygnet`), so that what others
added to one stays. KubeSpawner owns the connection, and this module shares it.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import ClientError
from kubernetes_asyncio.client import ApiException

from cygnet_hub.kubernetes.errors import KubernetesError, OutageError
from cygnet_hub.kubernetes.event import Event, parse
from cygnet_hub.kubernetes.manifest import PLURALS, Manifest, api_path, get
from cygnet_hub.kubernetes.namespace import PullSecret

MANAGER = "cygnet"
"""Under which name the hub's fields are kept apart from others'."""
GONE = 404
TAKEN = 409
_TROUBLE = frozenset({429, 500, 502, 503, 504})
"""What the API answers while it starts, ends or has too much to do."""
_TIMEOUT_SECONDS = 10
_ATTEMPTS = 3
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"


class Client(Protocol):
    """The part of kubernetes_asyncio's `ApiClient` that is used."""

    async def call_api(self, path: str, method: str, **options: object) -> object:
        """Send a request and return the answer's JSON."""


class KubernetesApi:
    """The API as the hub uses it.

    Parameters
    ----------
    client
        An open connection with the hub's own credentials.

    Notes
    -----
    Every method but `log` raises `KubernetesError` when the request was refused and
    `OutageError` when the API does not answer.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def apply(self, manifest: Manifest, manager: str = MANAGER) -> Manifest:
        """Apply an object, whether or not it exists.

        Parameters
        ----------
        manager
            Whose fields they are: those of another manager stay as they are.

        Returns
        -------
        Manifest
            The whole object.
        """
        query = [("fieldManager", manager), ("force", "true")]
        return await self._send("PATCH", api_path(manifest), query, manifest)

    async def create(self, manifest: Manifest) -> Manifest:
        """Make an object that does not exist.

        Parameters
        ----------
        manifest
            All of it.

        Returns
        -------
        Manifest
            As Kubernetes completed it.

        Raises
        ------
        KubernetesError
            When it was refused; with status `TAKEN` when there is one.
        """
        query = [("fieldManager", MANAGER)]
        folder = api_path(manifest).rpartition("/")[0]
        return await self._send("POST", folder, query, manifest)

    async def ensure(self, manifest: Manifest) -> Manifest:
        """Make an object unless there is one, which is left as it is.

        Parameters
        ----------
        manifest
            All of it.
        """
        return await self.find(manifest) or await self.create(manifest)

    async def find(self, manifest: Manifest) -> Manifest | None:
        """Read an object.

        Parameters
        ----------
        manifest
            At least what it is, where, and what it is called.

        Returns
        -------
        Manifest or None
            The whole object; ``None`` when there is none.
        """
        try:
            return await self._send("GET", api_path(manifest))
        except KubernetesError as error:
            if error.status != GONE:
                raise
        return None

    async def delete_pod(
        self,
        namespace: str,
        name: str,
        grace_seconds: int | None = None,
        *,
        is_held: bool = False,
    ) -> None:
        """Delete a pod; one that is gone already is deleted well.

        Parameters
        ----------
        namespace
            Where it is.
        grace_seconds
            The most that it may take to end; as it says itself if unset.
        is_held
            Whether it has finalizers, which are removed first.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{name}"
        is_set = grace_seconds is not None
        query = [("gracePeriodSeconds", str(grace_seconds))] if is_set else []
        try:
            if is_held:
                await self._send("PATCH", path, body={"metadata": {"finalizers": None}})
            await self._send("DELETE", path, query)
        except KubernetesError as error:
            if error.status != GONE:
                raise

    async def listed(
        self, kind: str, selector: str, namespace: str = ""
    ) -> tuple[Manifest, ...]:
        """List objects.

        Parameters
        ----------
        kind
            What they are: `Pod` or `Namespace`.
        namespace
            Where they are; anywhere when empty.

        Returns
        -------
        tuple of Manifest
            In no order.
        """
        place = f"/namespaces/{namespace}" if namespace else ""
        path = f"/api/v1{place}/{PLURALS[kind]}"
        return _items(await self._send("GET", path, [("labelSelector", selector)]))

    async def events(self, namespace: str) -> tuple[Event, ...]:
        """List a namespace's events.

        Parameters
        ----------
        namespace
            Where they are.

        Returns
        -------
        tuple of Event
            In no order; Kubernetes keeps them for an hour.
        """
        answer = await self._send("GET", f"/api/v1/namespaces/{namespace}/events")
        return tuple(parse(it) for it in _items(answer))

    async def log(self, namespace: str, pod: str, lines: int = 60) -> str:
        """Read the end of a pod's log.

        Parameters
        ----------
        namespace
            Where the pod is.
        lines
            How many at most.

        Returns
        -------
        str
            Empty when there is none.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        try:
            answer = await self._call("GET", path, [("tailLines", lines)], kind="str")
        except (KubernetesError, OutageError):
            return ""
        return str(answer)

    async def pull_secret(self, namespace: str, name: str) -> PullSecret:
        """Read the credentials of an image registry.

        Raises
        ------
        KubernetesError
            When there is none.
        """
        found = await self._send(
            "GET", f"/api/v1/namespaces/{namespace}/secrets/{name}"
        )
        data = found.get("data")
        pairs = data.items() if isinstance(data, Mapping) else ()
        content = {str(key): str(value) for key, value in pairs}
        return PullSecret(name, str(found.get("type", "Opaque")), content)

    async def api_server(self) -> tuple[str, ...]:
        """Find where the API itself listens, behind its Service.

        Returns
        -------
        tuple of str
            Address blocks; NetworkPolicies see these and not the Service's.

        Raises
        ------
        KubernetesError
            When the hub may not look.
        """
        path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
        query = [("labelSelector", "kubernetes.io/service-name=kubernetes")]
        found: set[str] = set()
        for piece in _items(await self._send("GET", path, query)):
            for endpoint in _list(piece.get("endpoints")):
                found |= {str(it) for it in _list(endpoint.get("addresses"))}
        return tuple(f"{it}/{128 if ':' in it else 32}" for it in sorted(found))

    async def _send(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]] | None = None,
        body: Manifest | None = None,
    ) -> Manifest:
        """Send a request; what may be repeated is, while the API is away."""

        async def send() -> Manifest:
            answer = await self._call(method, path, query, body)
            return dict(answer) if isinstance(answer, Mapping) else {}

        for attempt in range(1, _ATTEMPTS):
            try:
                return await send()
            except OutageError:
                await asyncio.sleep(attempt)
        return await send()

    async def _call(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str | int]] | None = None,
        body: Manifest | None = None,
        kind: str = "object",
    ) -> object:
        """Send one request."""
        is_patch, is_whole = method == "PATCH", "kind" in (body or {})
        content = (_APPLY if is_whole else _MERGE) if is_patch else "application/json"
        try:
            return await self._client.call_api(
                path,
                method,
                query_params=list(query or ()),
                header_params={"Content-Type": content, "Accept": "*/*"},
                body=body,
                auth_settings=["BearerToken"],
                response_types_map=dict.fromkeys((200, 201, 202), kind),
                _return_http_data_only=True,
                _request_timeout=_TIMEOUT_SECONDS,
            )
        except ApiException as error:
            if error.status in _TROUBLE:
                raise OutageError(_told(error)) from None
            raise KubernetesError(error.status or 0, _told(error)) from None
        except (ClientError, OSError, TimeoutError) as error:
            raise OutageError(str(error) or type(error).__name__) from None


def _told(error: ApiException) -> str:
    """Return what the API said about a refusal."""
    try:
        status = json.loads(error.body or "")
    except (TypeError, ValueError):
        return str(error.reason or error.status)
    return str(get(status, "message") or error.reason)


def _items(answer: Manifest) -> tuple[Manifest, ...]:
    return tuple(dict(it) for it in _list(answer.get("items")))


def _list(part: object) -> list[Mapping[str, object]]:
    """Narrow a list of an answer."""
    return list(part) if isinstance(part, list) else []
