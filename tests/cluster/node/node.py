"""Starts and ends the one node of the test cluster, in namespaces of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.cluster.node import certificate, cilium, component, image, machine, network
from tests.cluster.node.place import (
    ADDONS,
    KUBECONFIG,
    LOG,
    PID,
    ROOT,
    RUN,
    make_run_folder,
)
from tests.cluster.node.program import ClusterError, phase, run, wait_for
from tests.cluster.node.tool import program

NAMESPACES = ("--mount", "--net", "--pid", "--uts")


def up(*images: str) -> None:
    """Start the node, as far as pods, volumes and names work in it.

    The images come from buildah's storage, unpacked while the parts start.

    Raises
    ------
    ClusterError
        When a part does not come up; the logs are kept until ``down``.
    """
    with phase("writing certificates and configuration"):
        make_run_folder()
        machine.save()
        certificate.make()
        component.configure()
        cilium.prepare()
    with ThreadPoolExecutor(max_workers=1) as pool:
        with phase("starting Kubernetes"):
            _start()
            addons = pool.submit(image.load_addons)
            loaded = pool.submit(image.load, *images)
            wait_for("the API server", _is_ready)
        with phase("starting the network"):
            cilium.define()
            addons.result()
            wait_for("the node's object", lambda: bool(_names("nodes")))
            kubectl("wait", "--for=condition=Ready", "--timeout=90s", "node", "--all")
        with phase("starting names and volumes"):
            kubectl("apply", "--filename", str(ADDONS))
            for namespace in ("kube-system", "local-path-storage"):
                ready = ("rollout", "status", "--timeout=90s", "deployment")
                kubectl("--namespace", namespace, *ready)
        with phase("bringing the images into the node"):
            loaded.result()


def down() -> None:
    """End the node and put everything back, also after half a start."""
    if is_running():
        first, outer = _processes()
        os.kill(first, signal.SIGKILL)
        wait_for("the node's processes to end", lambda: not is_running())
        # It is a child of ours when this process started it.
        with suppress(ChildProcessError):
            os.waitpid(outer, 0)
    network.part()
    machine.restore()
    shutil.rmtree(RUN, ignore_errors=True)


def is_running() -> bool:
    """Tell whether the node's first process lives."""
    if not PID.exists():
        return False
    first, _ = _processes()
    try:
        said = Path(f"/proc/{first}/cmdline").read_bytes()
    except OSError:
        return False
    return b"tests.cluster.node.init" in said


def is_up() -> bool:
    """Tell whether the node runs and its API answers."""
    return is_running() and _is_ready()


def kubectl(*arguments: str, text: str | None = None) -> str:
    """Run kubectl as administrator of the node."""
    return run(
        program("kubectl"),
        f"--kubeconfig={KUBECONFIG}",
        *arguments,
        text=text,
    )


def shell(*command: str, text: str | None = None) -> str:
    """Run a command within the node's namespaces."""
    target = ("nsenter", f"--target={_processes()[0]}", *NAMESPACES)
    return run(*target, *command, text=text)


def _start() -> None:
    """Start the first process, join its network, then let it go on.

    Notes
    -----
    ``unshare`` ignores SIGTERM, and what runs in the namespace ends only with the
    first process in it: hence both ids are kept.
    """
    apart = ("unshare", *NAMESPACES, "--fork", "--mount-proc", "--kill-child")
    with (LOG / "init.log").open("w") as log:
        outer = subprocess.Popen(
            [*apart, sys.executable, "-m", "tests.cluster.node.init"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    # Whoever started it reaps it, whenever it ends.
    threading.Thread(target=outer.wait, daemon=True).start()
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    wait_for("the node's first process", lambda: bool(children.read_text().split()))
    first = int(children.read_text().split()[0])
    PID.write_text(json.dumps([first, outer.pid]))
    wait_for("the node's program", is_running)
    network.join(first)
    if outer.stdin is None or outer.poll() is not None:
        message = f"The node did not start: {(LOG / 'init.log').read_text()}"
        raise ClusterError(message)
    outer.stdin.write("joined\n")
    outer.stdin.close()


def _processes() -> tuple[int, int]:
    first, outer = json.loads(PID.read_text())
    return first, outer


def _is_ready() -> bool:
    with suppress(ClusterError):
        return kubectl("get", "--raw=/readyz", "--request-timeout=2s") == "ok"
    return False


def _names(kind: str) -> list[str]:
    return kubectl("get", kind, "--output=name").split()
