"""The real OpenID Connect provider of the tests as a pod, for the chart.

Its Service has one address for the hub's pod and for a browser on this machine, and
that is the issuer. A test changes people and faults as with the process.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from tests.cluster.node import image
from tests.cluster.node.place import CACHE
from tests.support.cluster import Cluster
from tests.support.helm import Service, answers
from tests.support.lock import alone
from tests.support.provider import (
    AUDIENCE,
    HERE,
    PEOPLE,
    SECRET,
    ProviderControl,
    install,
)
from tests.support.waiting import until

IMAGE = "oidc-provider:1"


@dataclass
class OidcPod(ProviderControl):
    """A provider that runs in the cluster."""

    issuer: str
    """Its address, in the cluster and for the machine that runs the tests."""
    control_url: str
    """Where orders go."""

    def values(self, service: Service) -> dict[str, object]:
        """Give the chart's values that let people log in here, beside others."""
        return {
            "publicUrl": service.url,
            # By http, and at an address, nothing else is possible.
            "acceptOneOrigin": True,
            "secrets": {"oidcClientSecret": SECRET},
            "config": {
                "oidc": {
                    "issuer": self.issuer,
                    "allowInsecureIssuer": True,
                    "clientId": "cygnet",
                    "label": "Example University",
                    "allowedGroups": ["staff"],
                    "adminGroups": ["operators"],
                    "tokenGroups": ["physics"],
                    "tokenAudience": AUDIENCE,
                    "refreshSeconds": 10,
                }
            },
        }


def sign_in(
    http: httpx.Client, name: str, following: str = "/hub/home"
) -> httpx.Response:
    """Log in through the button of the service and the provider's form."""
    page = http.get("/hub/oauth_login", params={"next": following})
    if "/interaction/" not in page.url.path:
        return page
    return http.post(page.url, data={"login": name, "password": "password"})


@contextmanager
def oidc_pod(
    cluster: Cluster, service: Service, namespace: str = "cygnet-oidc-provider"
) -> Generator[OidcPod]:
    """Run the provider for one service; all of it is removed afterwards."""
    install()
    proxy, built = image.full_name("proxy"), f"localhost/{IMAGE}"
    if not image.is_built(proxy):
        pytest.skip(f"The provider's image needs {proxy}, which was not built here.")
    with alone(CACHE / "lock-images"):
        image.build_one(built, "--build-arg", f"PROXY={proxy}", str(HERE))
        cluster.bring(built)
    with cluster.namespace(namespace):
        apply(cluster, namespace, network())
        place = ("--namespace", namespace)
        address = "jsonpath={.spec.clusterIP}"
        found = cluster.kubectl(*place, "get", "service", "oidc", "-o", address)
        apply(cluster, namespace, pod(cluster, f"http://{found}", service.url))
        about = f"http://{found}/.well-known/openid-configuration"
        until(lambda: answers(about), "the provider answers")
        yield OidcPod(f"http://{found}", f"http://{found}:8081")


def apply(cluster: Cluster, namespace: str, thing: dict[str, object]) -> None:
    """Make an object."""
    text = json.dumps(thing)
    cluster.kubectl("--namespace", namespace, "apply", "-f", "-", stdin=text)


def network() -> dict[str, object]:
    """Give the Service: one port for people, one for orders."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "oidc"},
        "spec": {
            "selector": {"app": "oidc"},
            "ports": [
                {"name": "people", "port": 80, "targetPort": 8080},
                {"name": "orders", "port": 8081, "targetPort": 8081},
            ],
        },
    }


def pod(cluster: Cluster, issuer: str, hub: str) -> dict[str, object]:
    """Give the provider's pod."""
    environment = {
        "ISSUER": issuer,
        "PORT": "8080",
        "CONTROL_PORT": "8081",
        "LISTEN": "0.0.0.0",  # noqa: S104 - The pod's own address.
        "REDIRECT_URIS": json.dumps([f"{hub}/hub/oauth_callback"]),
        "LOGOUT_URIS": json.dumps([f"{hub}/hub/login"]),
        "PEOPLE": json.dumps(PEOPLE),
        "SECRET": SECRET,
    }
    container = {
        "name": "oidc",
        "image": f"{cluster.registry}/{IMAGE}",
        "imagePullPolicy": cluster.pull_policy,
        "env": [{"name": it, "value": environment[it]} for it in environment],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "oidc", "labels": {"app": "oidc"}},
        "spec": {"containers": [container], "automountServiceAccountToken": False},
    }
