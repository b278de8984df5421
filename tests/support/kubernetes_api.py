"""A Kubernetes API in memory: keeps objects, refuses what it is told, can be away."""

import json
from dataclasses import dataclass, field

from kubernetes_asyncio.client import ApiException


def refusal(status: int, message: str) -> ApiException:
    """Give what kubernetes_asyncio raises when the API refuses."""
    error = ApiException(status=status, reason="Refused")
    error.body = json.dumps({"kind": "Status", "message": message}).encode()
    return error


@dataclass
class FakeClient:
    """The client's side of it."""

    objects: dict[str, dict[str, object]] = field(default_factory=dict)
    """What there is, by path."""
    refused: dict[str, ApiException] = field(default_factory=dict)
    """What is refused, by the end of its path."""
    refused_patches: dict[str, ApiException] = field(default_factory=dict)
    """What may be read but not changed, by its path."""
    away: int = 0
    """How many more requests get no answer."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request, in order."""

    async def call_api(self, path: str, method: str, **options: object) -> object:
        self.log.append((method, path))
        if self.away:
            self.away -= 1
            raise TimeoutError
        for end, error in self.refused.items():
            if path.endswith(end):
                raise error
        body = options.get("body")
        if method == "PATCH" and path in self.refused_patches:
            raise self.refused_patches[path]
        match method, body:
            case "PATCH", dict():
                self.objects[path] = body
                return body
            case "POST", dict():
                place = f"{path}/{body['metadata']['name']}"
                if place in self.objects:
                    raise refusal(409, "already exists")
                self.objects[place] = body
                return body
            case "DELETE", _:
                self._find(path)
                return self.objects.pop(path)
            case _:
                return _selected(self._find(path), options.get("query_params"))

    def _find(self, path: str) -> dict[str, object]:
        if path not in self.objects:
            raise refusal(404, "not found")
        return self.objects[path]


def _selected(found: dict[str, object], query: object) -> dict[str, object]:
    """Keep the items of a list that have the labels that were asked for."""
    asked = dict(query) if isinstance(query, list) else {}
    items = found.get("items")
    if "labelSelector" not in asked or not isinstance(items, list):
        return found
    wanted = [it.partition("=") for it in asked["labelSelector"].split(",")]
    kept = [it for it in items if _has(it["metadata"].get("labels", {}), wanted)]
    return {**found, "items": kept}


def _has(labels: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    """Say whether labels are there, with their values where these are given."""
    return all(
        name in labels and (not sign or labels[name] == value)
        for name, sign, value in wanted
    )
