"""Which ports of Spark's Java process other machines or users could reach. Pure."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenPort:
    """A port on which a process listens."""

    address: str
    """Of the network interface, or the one that stands for all."""

    port: int
    """Its number."""

    @property
    def place(self) -> str:
        """The address in words."""
        parsed = ipaddress.ip_address(self.address)
        return "every address" if parsed.is_unspecified else self.address


def port_at(address: str, port: int) -> OpenPort:
    """Return a port, its address without IPv6's mapping (`::ffff:127.0.0.1`)."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return OpenPort(str(mapped or parsed), port)


def exposed(
    ports: Iterable[OpenPort], allowed: Iterable[OpenPort] = ()
) -> tuple[OpenPort, ...]:
    """Return the ports that are neither on loopback nor allowed, sorted by number."""
    permitted = set(allowed)
    found = {
        it
        for it in ports
        if it not in permitted and not ipaddress.ip_address(it.address).is_loopback
    }
    return tuple(sorted(found, key=lambda it: (it.port, it.address)))
