"""A host name for each user: browsers keep what one may do from all the others.

Names have one label below the service's own host, so that one wildcard certificate
covers all of them.
"""

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_STEM = 20
_DIGEST = 32


def name_host(name: str, domain: str, kind: str) -> str:
    """Return the host name of a user's servers; JupyterHub's `subdomain_hook`.

    Parameters
    ----------
    name
        The user's or service's name, of any characters.
    domain
        The service's own host name.
    kind
        ``user`` or ``start``.

    Returns
    -------
    str
        The name itself where it is a DNS label, else some of it with a digest of 128
        bits: no user can choose a name that gets another's host.
    """
    label = name
    if not _PLAIN.fullmatch(name) or "--" in name or kind != "user":
        stem = "".join(re.findall("[a-z0-9]", name.lower()))[:_STEM] or "x"
        digest = hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:_DIGEST]
        # No host name begins with two characters and two dashes, but encoded ones.
        label = f"u-{stem}--{digest}"
    return f"{label}.{domain}"


def is_below(host: str, domain: str) -> bool:
    """Return whether a host name is one of a user's.

    Parameters
    ----------
    host
        What a browser asked for, without a port.
    domain
        The service's own host name.

    Returns
    -------
    bool
        Whether it ends in the service's own.
    """
    return host.lower().rstrip(".").endswith(f".{domain.lower()}")
