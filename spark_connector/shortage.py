"""Why there are fewer executors than Spark asks for, in a few words.

Pure: decides by Java's log of refused pods and by the list of pods.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from spark_connector.text import cut

MOST = 200
"""How long a sentence may be (docs/reference/wire.md)."""

_QUOTA = re.compile(r"exceeded quota: [^,]+, requested: (.+?), used: ")
_TOO_LARGE = re.compile(r"(maximum|minimum) (cpu|memory) usage per (Container|Pod)")
_POLICY = re.compile(r"denied request: (.+?)(?:\.? Received status|$)")
_FORBIDDEN = re.compile(r'pods "[^"]+" is forbidden: (.+?)(?:\.? Received status|$)')
_NO_RIGHT = re.compile(r'User "[^"]+" cannot (create|list|get|watch|delete) resource')
_NO_ROOM = re.compile(r"Insufficient ([\w./-]*\w)")
_BAD_IMAGES = {
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
}
_BAD_CONTAINERS = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "CrashLoopBackOff",
}
_OWN_FAULT = "exceeded its limit of disk space"
_NODE_FAULT = "was evicted: its node ran short of memory or disk"
_RESOURCES = {
    "cpu": "CPU",
    "ephemeral-storage": "disk",
    "memory": "memory",
    "pods": "pod",
}


def sentence(registered: int, wanted: int, reason: str) -> str:
    """Return the panel's sentence, at most 200 characters.

    E.g. ``2 of 8 executors: memory quota of your namespace``.
    """
    return cut(f"{registered} of {wanted} executors: {reason}", MOST)


def refusal_in(line: str) -> str | None:
    """Return why Kubernetes refused an executor's pod, from a line of Spark's log.

    None when the line is about no refusal.
    """
    if quota := _QUOTA.search(line):
        return f"{_quota_words(quota[1])} quota of your namespace"
    if large := _TOO_LARGE.search(line):
        what = _RESOURCES[large[2]]
        return f"an executor's {what} is not within the limits of your namespace"
    if policy := _POLICY.search(line):
        return f"refused by a policy of the cluster: {policy[1].strip()}"
    if _NO_RIGHT.search(line):
        return "this server may not create them"
    if forbidden := _FORBIDDEN.search(line):
        return f"refused by the cluster: {forbidden[1].strip()}"
    return None


def reason_of(pods: Iterable[Mapping[str, Any]]) -> str | None:
    """Return what keeps most of the listed pods from running.

    None when each runs or is starting.
    """
    found = Counter(filter(None, (_reason(pod.get("status", {})) for pod in pods)))
    return found.most_common(1)[0][0] if found else None


def _reason(status: Mapping[str, Any]) -> str | None:
    if status.get("reason") == "Evicted":
        is_own = "exceed" in status.get("message", "")
        return f"an executor {_OWN_FAULT if is_own else _NODE_FAULT}"
    for condition in status.get("conditions") or ():
        is_unplaced = condition.get("reason") == "Unschedulable"
        if condition.get("type") == "PodScheduled" and is_unplaced:
            return _unplaced(condition.get("message", ""))
    states = [it.get("state", {}) for it in status.get("containerStatuses") or ()]
    return next(filter(None, map(_reason_of_state, states)), None)


def _reason_of_state(state: Mapping[str, Any]) -> str | None:
    waiting = state.get("waiting", {}).get("reason")
    ended = state.get("terminated", {})
    if waiting in _BAD_IMAGES:
        return "their image cannot be pulled"
    if waiting in _BAD_CONTAINERS:
        return f"their container does not start ({waiting})"
    if ended.get("reason") == "OOMKilled":
        return "an executor exceeded its limit of memory"
    if ended.get("exitCode"):
        return f"an executor ended with exit code {ended['exitCode']}"
    return None


def _unplaced(message: str) -> str:
    short = list(dict.fromkeys(_NO_ROOM.findall(message)))
    if short:
        what = " and ".join(_RESOURCES.get(name, name) for name in short)
        return f"no node has enough {what} free"
    if "affinity" in message or "selector" in message or "taint" in message:
        return "no node matches their placement"
    return "they wait for a node"


def _quota_words(requested: str) -> str:
    names = (part.partition("=")[0].rpartition(".")[2] for part in requested.split(","))
    known = dict.fromkeys(_RESOURCES.get(name.strip(), name.strip()) for name in names)
    return " and ".join(known)
