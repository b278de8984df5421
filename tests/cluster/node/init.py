"""Runs as the node's first process: mounts, starts the parts, reaps what ends.

It begins when a line arrives at its standard input, which says that the network is
joined. All of the node ends with it, by the kernel's rule for a first process.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.cluster.node import cilium, component
from tests.cluster.node.certificate import kubeconfig
from tests.cluster.node.place import HIDDEN, LOG
from tests.cluster.node.program import say, wait_for
from tests.cluster.node.tool import program

# Containers write here without being asked; so they write beside the host's own.
WRITTEN = ("/var/lib", "/var/log")


def main() -> None:
    """Bring the node up, in the order in which its parts need each other."""
    sys.stdin.readline()
    _mount()
    socket.sethostname(component.NODE)
    parts = {_start(*it): it[0] for it in component.store().items()}
    wait_for("the API server", _is_ready)
    parts |= {_start(*it): it[0] for it in component.controllers().items()}
    agent = _start("cilium", cilium.command(), cilium.environment())
    parts[agent] = "cilium"
    wait_for("Cilium's agent", cilium.is_healthy)
    cilium.offer_network()
    say("the node is up")
    while True:
        ended, status = os.wait()
        if ended in parts:
            say(f"{parts[ended]} ended with {os.waitstatus_to_exitcode(status)}")


def _mount() -> None:
    commands = [["mount", "--make-rshared", "/"]]
    for place in WRITTEN:
        apart = HIDDEN / Path(place).name
        apart.mkdir(parents=True)
        commands.append(["mount", "--bind", str(apart), place])
    commands.append(["mount", "-t", "tmpfs", "tmpfs", "/run"])
    for command in commands:
        subprocess.run(command, check=True)
    Path("/run/netns").mkdir()
    cilium.mount()
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def _start(
    name: str, command: list[str], environment: dict[str, str] | None = None
) -> int:
    with (LOG / f"{name}.log").open("w") as log:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).pid


def _is_ready() -> bool:
    kubectl = program("kubectl")
    asked = [
        str(kubectl),
        f"--kubeconfig={kubeconfig('admin')}",
        "get",
        "--raw=/readyz",
    ]
    time.sleep(0.2)
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
