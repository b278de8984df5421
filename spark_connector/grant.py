"""What a server and its Spark may have, as the server's environment says it.

Pure. The hub writes the variables and the connector reads them by one table, so that
neither knows a name that the other does not. A server that runs may have been started
by an older hub, so names and forms stay what they are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from spark_connector.size import parse_size

DRIVER_PORTS = range(7100, 7108)
"""Where the driver listens for its executors."""
BLOCK_PORTS = range(7200, 7208)
"""Where driver and executors hand out blocks; an executor takes the first."""
OVERHEAD_TENTHS = 4
"""Memory beside an executor's heap, in tenths of it: for the Python workers."""
BUNDLES = "CYGNET_BUNDLES"
"""The variable that messages name."""
AUTHORITIES = "CYGNET_EXTRA_CA"
"""The variable that the image's own programs read, in servers and in executors."""

Value = TypeVar("Value")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorGrant:
    """What a server's executors may be."""

    most: int = 1
    """The most executors of one session."""
    cores: int = 1
    """The most cores of each."""
    cpu_request: str = "250m"
    """The CPUs reserved for each, as Kubernetes writes it."""
    memory: str = "1g"
    """The largest heap of each."""
    disk: str = ""
    """The node's disk that each may take, as Kubernetes writes it; empty if unknown."""
    disk_request: str = ""
    """As much of it as is reserved."""
    placement: Mapping[str, object] = field(default_factory=dict)
    """Where executors are scheduled, keys of Kubernetes' pod specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the hub gives one server."""

    cores: int | None = None
    """The most cores that Spark may use in the server; ``None`` for no limit."""
    memory: str = ""
    """The largest heap of Spark's driver; empty for no limit."""
    bundles: tuple[str, ...] = ()
    """Folders of bundles, absolute."""
    cluster_type: str = ""
    """Which kind of place Spark runs in; empty on one machine, where it is local."""
    cluster: str = ""
    """What the settings call that place; empty on one machine."""
    user: str = ""
    """The owner's safe name, a label of every executor; empty on one machine."""
    image: str = ""
    """The pod's image, which the executors use too; empty on one machine."""
    host: str = ""
    """The name by which executors find the driver."""
    authorities: str = ""
    """Where the site's authorities (PEM) are mounted; empty where it has none."""
    share_url: str = ""
    """Where the sharing service's calls are; empty where nothing is shared."""
    pull_secrets: tuple[str, ...] = ()
    """Secrets of the namespace that the image is pulled with."""
    executors: ExecutorGrant | None = None
    """``None`` where Spark runs in the server alone."""


@dataclass(frozen=True, slots=True)
class _Form(Generic[Value]):
    """How a value is written as a variable."""

    write: Callable[[Value], str]
    read: Callable[[str], Value | None]
    """``None`` for what cannot be read, which counts as not given."""


@dataclass(frozen=True, slots=True)
class Variable(Generic[Part]):
    """One variable of the table."""

    name: str
    """In the environment."""
    field: str
    """Of `Grant` or `ExecutorGrant`."""
    form: _Form[Any]
    """How its value is written."""


def _read_count(text: str) -> int | None:
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _read_size(text: str) -> str | None:
    try:
        parse_size(text)
    except ValueError:
        return None
    return text


def _read_mapping(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    # What is empty would override what the image's description of a pod says.
    return {key: it for key, it in found.items() if it}


def _listed(separator: str) -> _Form[tuple[str, ...]]:
    return _Form(
        separator.join, lambda text: tuple(it for it in text.split(separator) if it)
    )


_TEXT: _Form[str] = _Form(str, lambda text: text or None)
_COUNT: _Form[int] = _Form(str, _read_count)
_SIZE: _Form[str] = _Form(str, _read_size)
_MAPPING: _Form[Mapping[str, object]] = _Form(json.dumps, _read_mapping)
VARIABLES: tuple[Variable[Grant], ...] = (
    Variable("CYGNET_USER", "user", _TEXT),
    Variable("CYGNET_IMAGE", "image", _TEXT),
    Variable("CYGNET_SPARK_HOST", "host", _TEXT),
    Variable("CYGNET_CLUSTER", "cluster", _TEXT),
    Variable("CYGNET_CLUSTER_TYPE", "cluster_type", _TEXT),
    Variable("CYGNET_SPARK_CORES", "cores", _COUNT),
    Variable("CYGNET_SPARK_MEMORY", "memory", _SIZE),
    Variable(BUNDLES, "bundles", _listed(":")),
    Variable(AUTHORITIES, "authorities", _TEXT),
    Variable("CYGNET_SHARE_URL", "share_url", _TEXT),
    Variable("CYGNET_IMAGE_PULL_SECRETS", "pull_secrets", _listed(",")),
)
"""Of `Grant`."""
EXECUTOR_VARIABLES: tuple[Variable[ExecutorGrant], ...] = (
    Variable("CYGNET_MAX_EXECUTORS", "most", _COUNT),
    Variable("CYGNET_EXECUTOR_CORES", "cores", _COUNT),
    Variable("CYGNET_EXECUTOR_CPU_REQUEST", "cpu_request", _TEXT),
    Variable("CYGNET_EXECUTOR_MEMORY", "memory", _SIZE),
    Variable("CYGNET_EXECUTOR_DISK", "disk", _TEXT),
    Variable("CYGNET_EXECUTOR_DISK_REQUEST", "disk_request", _TEXT),
    Variable("CYGNET_EXECUTOR_PLACEMENT", "placement", _MAPPING),
)
"""Of `ExecutorGrant`; all of them are written where there is one."""


def write(grant: Grant) -> dict[str, str]:
    """Write a grant as variables.

    Parameters
    ----------
    grant
        What the hub gives.

    Returns
    -------
    dict of str to str
        Without those whose value is that of an empty grant.
    """
    nothing = Grant()
    given = {
        it.name: it.form.write(getattr(grant, it.field))
        for it in VARIABLES
        if getattr(grant, it.field) != getattr(nothing, it.field)
    }
    if grant.executors is not None:
        given |= {
            it.name: it.form.write(getattr(grant.executors, it.field))
            for it in EXECUTOR_VARIABLES
        }
    return given


def read(environment: Mapping[str, str]) -> Grant:
    """Read a grant back.

    Parameters
    ----------
    environment
        The process environment.

    Returns
    -------
    Grant
        What cannot be read is as in an empty one: the smallest executors, and no other
        limit than the machine's in the server itself.
    """
    executors = _values(EXECUTOR_VARIABLES, environment)
    is_given = any(it.name in environment for it in EXECUTOR_VARIABLES)
    return Grant(
        **_values(VARIABLES, environment),
        executors=ExecutorGrant(**executors) if is_given else None,
    )


def _values(
    table: tuple[Variable[Part], ...], environment: Mapping[str, str]
) -> dict[str, Any]:
    found = {it.field: it.form.read(environment.get(it.name, "")) for it in table}
    return {name: value for name, value in found.items() if value}
