"""Writes onto a user's namespace what executors may be there, for policies to read.

`allowance` decides; here the servers that run are read, and the annotations written.
"""

import asyncio

from cygnet_hub.kubernetes import allowance, orphan
from cygnet_hub.kubernetes.allowance import Allowance
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.settings import Release

MANAGER = "cygnet-executors"
"""Under which name the annotations are kept apart from the hub's other fields."""
# The last to read the servers writes last, so that no server is forgotten.
_lock = asyncio.Lock()


async def write(
    api: KubernetesApi, release: Release, namespace: str, allowed: Allowance
) -> None:
    """Note what the executors of a namespace may be, and which servers own them.

    Parameters
    ----------
    allowed
        What the user's executors may be.

    Raises
    ------
    KubernetesError
        When that was refused.
    OutageError
        When the API does not answer.
    """
    async with _lock:
        servers = await api.listed("Pod", orphan.selector(release), namespace)
        notes = allowance.annotations(allowed, servers)
        await api.apply(allowance.note(namespace, notes), MANAGER)
