"""The chart as the tests install it: small, and reachable from the machine."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from tests.support.cluster import Cluster
from tests.support.source import ROOT
from tests.support.waiting import until

CHART = ROOT / "helm/cygnet"
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
PATIENCE = "240s"
WAY = {"app.kubernetes.io/name": "cygnet-test-way"}
"""The labels of the pod through which tests reach a cluster without routes."""
# Nobody's own repositories and plugins; the rest is for programs that a kubeconfig
# asks for credentials.
NOBODY = {f"HELM_{it}_HOME": "/nonexistent" for it in ("CACHE", "CONFIG", "DATA")}


def small(cluster: Cluster) -> dict[str, Any]:
    """Give values for a node with two cores."""
    size = {"cpu": "1", "memory": "1536Mi", "cpuRequest": "50m"}
    size |= {"memoryRequest": "256Mi"}
    requests = {"requests": {"cpu": "20m", "memory": "64Mi"}}
    return {
        "image": {
            "registry": cluster.registry,
            "pullPolicy": cluster.pull_policy,
        },
        "config": {
            "sizes": [
                {"name": "small", "label": "Small", **size},
                {
                    "name": "medium",
                    "label": "Medium",
                    **size,
                    "memory": "2Gi",
                    "disk": "200Mi",
                },
            ],
            "storage": {"size": "1Gi"},
        },
        "hub": {"resources": requests},
        "proxy": {"resources": requests},
        # A pod for those alone who share.
        "sharing": {
            "enabled": False,
            "storage": {"size": "1Gi"},
            "resources": {**requests, "limits": {"memory": "1Gi"}},
        },
        "networkPolicy": {
            "proxyFrom": [
                # The machine that runs the tests is outside of the cluster.
                {"ipBlock": {"cidr": "0.0.0.0/0"}},
                {"namespaceSelector": {}, "podSelector": {"matchLabels": WAY}},
            ]
        },
    }


@dataclass(frozen=True, slots=True)
class Service:
    """A release of the chart."""

    cluster: Cluster
    """Where it is."""
    namespace: str
    """Its namespace."""
    release: str
    """Its name."""
    url: str
    """Where the proxy is reached, without a slash at the end."""

    @property
    def label(self) -> str:
        """The selector of what belongs to its users."""
        return f"cygnet.org/release={self.namespace}.{self.release}"

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl in the release's namespace."""
        return self.cluster.kubectl("--namespace", self.namespace, *arguments)

    def login_link(self) -> str:
        """Ask the hub for a link, and point it to where the tests reach it."""
        hub = f"deploy/{self.release}-hub"
        link = self.kubectl("exec", hub, "--", "cygnet", "login-link").strip()
        return self.url + "/" + link.split("/", 3)[3]

    def kill(self, component: str) -> None:
        """End the pod of a component at once, and wait for the next one."""
        selected = f"--selector=app.kubernetes.io/component={component}"
        self.kubectl("delete", "pod", selected, "--grace-period=0", "--force")
        self.await_rollout(component)

    def await_rollout(self, component: str) -> None:
        """Wait until the new pod of a component answers.

        When it is ready, a node's rules lead to the dead one for a moment yet: what
        connects then is lost for two minutes. Who asks here gives up sooner.
        """
        rollout = f"deployment/{self.release}-{component}"
        self.kubectl("rollout", "status", rollout, "--timeout=120s")
        await_hub(self.url)

    def upgrade(self, values: Mapping[str, Any], *options: str) -> str:
        """Give the release other values, and wait until the hub answers with them."""
        said = apply(self.cluster, self.release, self.namespace, values, *options)
        await_hub(self.url)
        return said


def run(
    cluster: Cluster,
    *arguments: str,
    values: Mapping[str, Any] | None = None,
    program: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Helm 4, or another one; the values go in as a file."""
    given = [] if values is None else ["--values", "-"]
    return subprocess.run(
        [program or cluster.helm, *arguments, *given],
        input=None if values is None else json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **NOBODY, "KUBECONFIG": str(cluster.kubeconfig)},
    )


def apply(
    cluster: Cluster,
    release: str,
    namespace: str,
    values: Mapping[str, Any],
    *options: str,
) -> str:
    """Install or upgrade, and give what Helm said."""
    result = run(
        cluster,
        "upgrade",
        "--install",
        release,
        str(CHART),
        f"--namespace={namespace}",
        "--wait",
        f"--timeout={PATIENCE}",
        *options,
        values=values,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@contextmanager
def installed(
    cluster: Cluster, release: str, namespace: str, values: Mapping[str, Any]
) -> Iterator[Service]:
    """Install the chart into a namespace of its own, and have all of it removed.

    Notes
    -----
    Namespaces end behind what comes next: who installs the same again waits for them.
    """
    label = f"cygnet.org/release={namespace}.{release}"
    users = ("get", "namespace", "--output=name", f"--selector={label}")
    until(
        lambda: not cluster.kubectl(*users),
        f"the users' namespaces of an earlier {release} are gone",
        timeout=240,
    )
    with cluster.namespace(namespace):
        cluster.kubectl("label", "namespace", namespace, RESTRICTED)
        try:
            apply(cluster, release, namespace, values)
            url = address(cluster, release, namespace)
            await_hub(url)
            yield Service(cluster, namespace, release, url)
        finally:
            run(cluster, "uninstall", release, f"--namespace={namespace}")
            theirs = ("namespace", "--wait=false", f"--selector={label}")
            cluster.kubectl("delete", *theirs)


def address(cluster: Cluster, release: str, namespace: str) -> str:
    """Say where the proxy is."""
    place = ("--namespace", namespace, "service", f"{release}-proxy")
    found = cluster.kubectl("get", *place, "-o", "jsonpath={.spec.clusterIP}")
    return f"http://{found}"


def await_hub(url: str) -> None:
    """Wait until the hub answers through the proxy."""
    until(lambda: answers(f"{url}/hub/health"), "the hub answers")


def answers(url: str) -> bool:
    """Say whether a page is there."""
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own service
            return bool(answer.status == 200)
    except OSError:
        return False
