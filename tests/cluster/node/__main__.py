"""Runs the test cluster by hand: ``up``, ``down`` and ``shell``.

``build`` only builds what it runs, for tests that come later.
"""

import os
import sys

from tests.cluster.node import image, node, requirement, tool
from tests.cluster.node.build import build
from tests.cluster.node.place import KUBECONFIG
from tests.cluster.node.program import ClusterError, phase, say
from tests.cluster.node.progress import PROGRESS
from tests.support import helm
from tests.support.cluster import is_external, own


def up() -> None:
    """Build what is missing, start the node unless it runs, install the chart."""
    if lack := requirement.lack():
        raise ClusterError(lack)
    with PROGRESS.shown():
        _up()


def _up() -> None:
    build()
    names = [image.full_name(it) for it in image.NAMES]
    if node.is_up():
        with phase("bringing the images into the node"):
            image.load(*names)
    else:
        node.down()
        node.up(*names)
    with phase("installing the chart"):
        url, hub = _install()
    say(f"the service is at {url}; a login link: `{hub}`")
    say(f"the cluster is up: KUBECONFIG={KUBECONFIG}, or `make cluster-shell`")


def _install() -> tuple[str, str]:
    """Install the chart as the tests do, in a namespace that tests leave alone.

    Returns
    -------
    tuple of str
        Where the service is, and the command that prints a login link.
    """
    cluster = own()
    if not cluster.kubectl("get", "namespace", "cygnet", "--ignore-not-found"):
        cluster.kubectl("create", "namespace", "cygnet")
        cluster.kubectl("label", "namespace", "cygnet", helm.RESTRICTED)
    helm.apply(cluster, "cygnet", "cygnet", helm.small(cluster))
    url = helm.address(cluster, "cygnet", "cygnet")
    hub = "kubectl -n cygnet exec deploy/cygnet-hub -- cygnet login-link"
    return url, hub


def down() -> None:
    """End the node, which takes up to a minute."""
    with PROGRESS.shown(), phase("ending the cluster"):
        node.down()


def build_ahead() -> None:
    """Build while no other program wants a processor, where a node can be started."""
    if not is_external() and not requirement.lack():
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        build()


def shell() -> None:
    """Become a shell in which kubectl and helm know the cluster."""
    if not node.is_up():
        message = "The cluster is not up: `make cluster-up`."
        raise ClusterError(message)
    places = f"{tool.folder()}:{os.environ['PATH']}"
    os.environ.update(KUBECONFIG=str(KUBECONFIG), PATH=places)
    program = os.environ.get("SHELL", "/bin/sh")
    os.execlp(program, program)  # noqa: S606 - The shell takes this place.


TASKS = {"up": up, "down": down, "shell": shell, "build": build_ahead}


def main(arguments: list[str]) -> str | None:
    """Do one task and give what went wrong."""
    if len(arguments) != 1 or arguments[0] not in TASKS:
        return f"Name one of {', '.join(TASKS)}."
    try:
        TASKS[arguments[0]]()
    except (ClusterError, AssertionError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
