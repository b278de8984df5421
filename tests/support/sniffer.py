"""What passes in clear through the network of where this runs; it needs Python alone.

It reads three words from its arguments: the text to look for, the text that ends it,
and for how many seconds it waits for that. It prints JSON.
"""

import json
import socket
import struct
import sys
import time

EVERY_PROTOCOL = 3
BUFFER = 1 << 26
FORCED = 33
"""`SO_RCVBUFFORCE`, which Python has no name for."""
PORTS = {*range(7100, 7108), *range(7200, 7208)}


def ports(packet: bytes) -> set[int]:
    """Return both ports of a TCP packet of version 4, and nothing for others."""
    is_tcp = packet[12:14] == b"\x08\x00" and packet[23] == socket.IPPROTO_TCP
    if not is_tcp:
        return set()
    start = 14 + (packet[14] & 15) * 4
    return set(struct.unpack("!HH", packet[start : start + 4]))


def listen(marker: bytes, end: bytes, seconds: float) -> dict[str, int]:
    """Count bytes of Spark's ports, and packets with the marker or the end."""
    every = socket.htons(EVERY_PROTOCOL)
    seen = {"bytes": 0, "marked": 0, "ended": 0}
    deadline = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, every) as tap:
        tap.setsockopt(socket.SOL_SOCKET, FORCED, BUFFER)
        tap.settimeout(1)
        while time.monotonic() < deadline and not seen["ended"]:
            try:
                packet = tap.recv(1 << 18)
            except TimeoutError:
                continue
            if ports(packet) & PORTS:
                seen["bytes"] += len(packet)
            seen["marked"] += marker in packet
            seen["ended"] += end in packet
    return seen


if __name__ == "__main__":
    marker, end, seconds = sys.argv[1:]
    found = listen(marker.encode(), end.encode(), float(seconds))
    sys.stdout.write(json.dumps(found))
