"""A name server that knows one address for every name, and can fall silent."""

import secrets
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PORT = 53
HEADER = struct.Struct("!HHHHHH")
ANSWERED = 0x8180
"""An answer without a fault, of a server that asks on."""
ADDRESS_OF_IPV4 = 1


@dataclass(slots=True)
class NameServer:
    """It answers by UDP."""

    socket: socket.socket
    place: str
    """Its own address."""
    address: str
    """What every name leads to."""
    is_silent: threading.Event = field(default_factory=threading.Event)
    """Set while nothing is answered."""
    asked: int = 0
    """How many questions came."""

    def serve(self) -> None:
        """Answer until the socket is shut down."""
        while True:
            question, sender = self.socket.recvfrom(1024)
            if not question:
                return
            self.asked += 1
            if not self.is_silent.is_set():
                self.socket.sendto(answer(question, self.address), sender)


def answer(question: bytes, address: str) -> bytes:
    """Write an answer; one about other things than an IPv4 address is empty.

    Notes
    -----
    RFC 1035, section 4.1: the name ends with an empty label, then come type and class.
    """
    number = HEADER.unpack_from(question)[0]
    end = question.index(b"\0", HEADER.size) + 5
    (kind,) = struct.unpack_from("!H", question, end - 4)
    found = kind == ADDRESS_OF_IPV4
    head = HEADER.pack(number, ANSWERED, 1, int(found), 0, 0)
    told = head + question[HEADER.size : end]
    if not found:
        return told
    # The name is that of the question; the answer counts for no second.
    record = struct.pack("!HHHIH", 0xC000 + HEADER.size, kind, 1, 0, 4)
    return told + record + socket.inet_aton(address)


@contextmanager
def name_server(address: str) -> Iterator[NameServer]:
    """Run one on an address of loopback that no other program is likely to use."""
    place = f"127.{secrets.randbelow(200) + 50}.{secrets.randbelow(256)}.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        # A server of this machine may listen on all addresses.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((place, PORT))
        server = NameServer(bound, place, address)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (place, PORT))
            thread.join()
