"""The schema of HTTPRoute, which Kubernetes itself does not have.

The Gateway API has a module of its own. Its definitions lie among the test data of
one that Helm is built from, so that they come with the tools, at a pinned version.
"""

from typing import Any

import yaml

from tests.cluster.node.tool import source

MODULE = "k8s.io/apiextensions-apiserver"
DEFINITIONS = "test/integration/ratcheting_test_cases/crds/standard-install.yaml"
NAME, VERSION = "httproutes.gateway.networking.k8s.io", "v1"


def load() -> dict[str, Any]:
    """Give the schema as JSON Schema that takes no unknown key."""
    text = (source(MODULE) / DEFINITIONS).read_text()
    found = next(
        it for it in yaml.safe_load_all(text) if it and it["metadata"]["name"] == NAME
    )
    versions = {it["name"]: it["schema"] for it in found["spec"]["versions"]}
    schema: dict[str, Any] = strict(versions[VERSION]["openAPIV3Schema"])
    # Of it Kubernetes knows what is inside, and a definition does not say it.
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


def strict(part: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Refuse what is not named, as the API server warns of it."""
    if isinstance(part, list):
        return [strict(it) for it in part]
    if not isinstance(part, dict):
        return part
    inner = {key: strict(it) for key, it in part.items()}
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner
