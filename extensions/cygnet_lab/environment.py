"""What kernels and terminals inherit: the environment of the notebook server's process.

The only module of this package that reads or changes it.
"""

import os
from dataclasses import dataclass, field

from spark_connector import grant
from spark_connector.search_path import absolute_only, left_out


@dataclass(frozen=True, slots=True)
class ShareAccess:
    """How this server calls the sharing service."""

    url: str
    """Where its calls are, with a slash at its end."""
    token: str = field(repr=False)
    """The server's own of JupyterHub."""


def share_access() -> ShareAccess | None:
    """Return how to call the sharing service.

    Returns
    -------
    ShareAccess or None
        ``None`` where there is none, or no hub.
    """
    granted = grant.read(os.environ)
    token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
    return (
        ShareAccess(granted.share_url, token) if granted.share_url and token else None
    )


def is_published_with_tls() -> bool:
    """Return whether browsers reach this server by https, as JupyterHub says.

    Returns
    -------
    bool
        False also where the address is not known.
    """
    return os.environ.get("JUPYTERHUB_PUBLIC_URL", "").startswith("https:")


def leave_out_relative() -> tuple[str, ...]:
    """Take out what would mean another place in each notebook's folder.

    Returns
    -------
    tuple of str
        A sentence for each variable that was changed, here or before.
    """
    environment = absolute_only(os.environ)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    return left_out(environment)
