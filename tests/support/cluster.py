"""The Kubernetes cluster that the tests use: the node of our own, or anybody's."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.node import image, node
from tests.cluster.node.place import KUBECONFIG
from tests.cluster.node.tool import program
from tests.support.waiting import until


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster and the programs that speak to it."""

    kubeconfig: Path
    """What gives an administrator's access."""
    registry: str
    """What stands before the names of the project's images."""
    kubectl_program: str
    """Which kubectl is run."""
    helm: str
    """Helm 4, which installs."""
    helm3: str
    """Helm 3, which lints and templates."""
    is_external: bool
    """Whether it is somebody else's: then nothing may be harmed in it."""

    @property
    def pull_policy(self) -> str:
        """When nodes fetch images: those of others may have an old one."""
        return "Always" if self.is_external else "IfNotPresent"

    def kubectl(
        self, *arguments: str, stdin: str | None = None, check: bool = True
    ) -> str:
        """Run kubectl and give what it printed; what it complains of with ``check``.

        Without ``check``, what it complained of comes after what it printed.
        """
        result = subprocess.run(
            [self.kubectl_program, f"--kubeconfig={self.kubeconfig}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        said = result.stdout + ("" if check else result.stderr)
        assert not check or result.returncode == 0, f"{arguments}: {result.stderr}"
        return said

    @contextmanager
    def namespace(self, name: str) -> Generator[str]:
        """Make a namespace, once an earlier one of that name has ended.

        It ends with the block, behind what comes next.

        Raises
        ------
        AssertionError
            When there is one that is not ending: it may be somebody's.
        """
        place = ("get", "namespace", name, "--ignore-not-found")
        phase = "--output=jsonpath={.status.phase}"
        until(
            lambda: self.kubectl(*place, phase) != "Terminating",
            f"the earlier namespace {name} has ended",
            timeout=240,
        )
        self.kubectl("create", "namespace", name)
        try:
            yield name
        finally:
            self.kubectl("delete", "namespace", name, "--wait=false")

    def bring(self, *names: str) -> None:
        """Bring images that were built here to where the cluster finds them."""
        if self.is_external:
            image.push(self.registry, *names)
        else:
            image.load(*names)

    def node_shell(self, command: list[str], stdin: str | None = None) -> str:
        """Run a command within the namespaces of the node of our own."""
        assert not self.is_external, "Only our own node may be entered."
        return node.shell(*command, text=stdin)


def is_external() -> bool:
    """Tell whether the environment names anybody's cluster instead of a node here."""
    return os.environ.get("CYGNET_TEST_CLUSTER") == "external"


def own() -> Cluster:
    """Give the node that this project starts."""
    return Cluster(
        KUBECONFIG,
        "localhost",
        kubectl_program=str(program("kubectl")),
        helm=str(program("helm")),
        helm3=str(program("helm3")),
        is_external=False,
    )


def external() -> Cluster:
    """Give the cluster that the environment names, with the programs in PATH."""
    return Cluster(
        Path(os.environ["KUBECONFIG"]),
        os.environ["CYGNET_TEST_REGISTRY"],
        kubectl_program="kubectl",
        helm="helm",
        helm3=os.environ.get("CYGNET_TEST_HELM3", "helm"),
        is_external=True,
    )
