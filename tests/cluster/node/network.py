"""Joins the node's network to the host's by one pair of links.

Nothing is forwarded or masqueraded: the host reaches nodes, pods and services by
its own routes, and pods reach the host but not the internet.
"""

import subprocess

from tests.cluster.node.program import run

LINK = "cygnet0"
UPLINK = "up0"
HOST_ADDRESS = "10.97.0.1"
NODE_ADDRESS = "10.97.0.2"
POD_RANGE = "10.244.0.0/16"
SERVICE_RANGE = "10.96.0.0/16"
# Not above the smallest that a virtual machine's own network is likely to have.
LARGEST_PACKET = "1400"


def join(node: int) -> None:
    """Make the links and routes; ``node`` is the id of the node's first process."""
    inside = ("nsenter", "--target", str(node), "--net", "ip")
    size = ("mtu", LARGEST_PACKET)
    run("ip", "link", "add", LINK, *size, "type", "veth", "peer", "name", UPLINK, *size)
    run("ip", "link", "set", UPLINK, "netns", str(node))
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "addr", "add", f"{NODE_ADDRESS}/30", "dev", UPLINK)
    run(*inside, "link", "set", UPLINK, "up")
    run(*inside, "route", "add", "default", "via", HOST_ADDRESS)
    run("ip", "addr", "add", f"{HOST_ADDRESS}/30", "dev", LINK)
    run("ip", "link", "set", LINK, "up")
    for addresses in (POD_RANGE, SERVICE_RANGE):
        run("ip", "route", "add", addresses, "via", NODE_ADDRESS, "dev", LINK)


def part() -> None:
    """Remove the links; the kernel removes their routes with them."""
    subprocess.run(["ip", "link", "delete", LINK], check=False, capture_output=True)
