"""Why a server's pod did not start, or ended, in a user's words.

A decision without side effects: what Kubernetes says about pod and volume claim in,
reason and remedy out. The pages lay it out as on one machine.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cygnet_hub.kubernetes.event import Event, scarce, shortened
from cygnet_hub.kubernetes.manifest import get
from cygnet_hub.kubernetes.rejection import ASK, in_sentence
from cygnet_hub.spawn.failure import Failure, last_lines

RETRIES = 3
"""How often a registry may fail to answer before the start has failed."""
_DENIED = re.compile(
    r"denied|unauthorized|forbidden|authentication|401|403", re.IGNORECASE
)
_ABSENT = re.compile(
    r"not found|manifest unknown|name unknown|does not exist|no such", re.IGNORECASE
)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_NO_HOME = re.compile(r"the home directory (\S+) cannot be written by user (\d+)")
_OURS = re.compile(r"^cygnet: (.+)$", re.MULTILINE)
_NO_PROGRAM = re.compile(
    r'"?(/opt/cygnet/bin/entrypoint)"?.*no such file', re.IGNORECASE
)
_PULL = {"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"}
_NAME = {"InvalidImageName"}
_NEVER = {"ErrImageNeverPull"}
_CREATE = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
}
_LACKING = 78
_KILLED = 137


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known about a pod that does not come up."""

    pod: Mapping[str, object]
    """The pod as the API gives it; empty when it is gone."""
    events: tuple[Event, ...] = ()
    """Of the pod and of the volume claim."""
    log: str = ""
    """The end of the container's log."""


def final(seen: Observation) -> Failure | None:
    """Return whether a pod can no longer come up, and why.

    Returns
    -------
    Failure or None
        ``None`` while there is hope.
    """
    if get(seen.pod, "metadata", "deletionTimestamp") is not None:
        return Failure(
            "Your server's pod was deleted while it was starting.",
            "Start again.",
        )
    if claim := _claim(seen.events):
        return claim
    ended = terminated(seen.pod)
    if ended is not None:
        if evicted := _evicted(seen.pod, seen.events):
            why = Failure(evicted, "Start again; another machine may take it.")
        else:
            why = _of_home(seen, ended) or _of_end(ended, seen.log)
        return why
    if get(seen.pod, "status", "phase") == "Failed":
        message = str(get(seen.pod, "status", "message") or "")
        reason = str(get(seen.pod, "status", "reason") or "Failed")
        return Failure(
            f"The cluster ended your server's pod ({reason}): "
            f"{shortened(message) or 'it did not say why'}",
            "Start again; another machine may take it.",
        )
    waiting = get(_status(seen.pod), "state", "waiting")
    if isinstance(waiting, Mapping):
        return _of_wait(waiting, seen)
    return None


def of_time(limit: timedelta, seen: Observation) -> Failure:
    """Explain that a server did not come up in time.

    Returns
    -------
    Failure
        With the end of the log where there is one.
    """
    late = f"within {limit.total_seconds():.0f} seconds"
    if get(_status(seen.pod), "state", "running") is not None:
        return Failure(
            f"The notebook server runs but did not answer {late}, so it was stopped.",
            "Start again. If it stays so, choose a larger size, or leave your own "
            "settings, packages and kernels out.",
            last_lines(seen.log),
            is_own=True,
        )
    newest = sorted(seen.events, key=lambda it: it.last, reverse=True)
    warnings = {it.reason: it for it in reversed(newest) if it.is_warning}
    if "FailedScheduling" in warnings and not get(seen.pod, "spec", "nodeName"):
        return _unscheduled(warnings["FailedScheduling"].message, late)
    for reason in ("FailedMount", "FailedAttachVolume"):
        if reason in warnings:
            cause = shortened(warnings[reason].message)
            return Failure(
                f"Your home directory could not be attached {late}: {cause}",
                f"Start again in some minutes; if it stays so, {in_sentence(ASK)}.",
            )
    if failed := [it for it in newest if it.reason == "Failed" and "ull" in it.message]:
        return Failure(
            f"The image could not be fetched {late}: {shortened(failed[0].message)}",
            _another(),
        )
    if any(it.reason == "Pulling" for it in newest):
        return Failure(
            f"The image could not be fetched {late}; it may be large.",
            "Start again: what was fetched is kept.",
        )
    last = shortened(newest[0].message) if newest else "there is none"
    return Failure(
        f"The pod did not start {late}. Kubernetes' last event: {last}",
        f"Start again; if it stays so, {in_sentence(ASK)}.",
    )


def ending(pod: Mapping[str, object] | None, events: Iterable[Event] = ()) -> str:
    """Explain how a running server ended without a request to stop.

    Parameters
    ----------
    pod
        The pod as it was seen last; ``None`` when it is gone.
    """
    ended = terminated(pod or {})
    if evicted := _evicted(pod or {}, events):
        return evicted
    if pod is None or ended is None:
        return "The pod of your server is gone: it was deleted, or its machine failed."
    code = get(ended, "exitCode")
    if get(ended, "reason") == "OOMKilled":
        return (
            "Your server was ended because it used more memory than its size "
            "allows. A larger size may help."
        )
    if code == 0:
        return "The notebook server ended by itself."
    return f"The notebook server ended with exit code {code} without being asked to."


def is_ending(pod: Mapping[str, object] | None) -> bool:
    """Return whether a pod's server has ended before Kubernetes reports the reason.

    Parameters
    ----------
    pod
        The pod as it was seen last; ``None`` when it is gone.

    Returns
    -------
    bool
        The kubelet of Kubernetes 1.36 reports a container's end first, and the phase
        with its reason, e.g. an eviction, a moment later.
    """
    phase = get(pod or {}, "status", "phase")
    is_deleted = get(pod or {}, "metadata", "deletionTimestamp") is not None
    has_ended = terminated(pod or {}) is not None
    return has_ended and phase == "Running" and not is_deleted


def _evicted(pod: Mapping[str, object], events: Iterable[Event]) -> str:
    """Explain an eviction; empty when there was none.

    The pod of a server that ends well when the kubelet asks it to has succeeded, says
    Kubernetes 1.36, and then the event alone reports the eviction.
    """
    uid = get(pod, "metadata", "uid")
    evictions = [
        it.message for it in events if it.reason == "Evicted" and it.uid == uid
    ]
    if get(pod, "status", "reason") == "Evicted":
        evictions.append(str(get(pod, "status", "message")))
    if not evictions:
        return ""
    # A server that wrote too much is another case than a machine with too little.
    if "exceed" in evictions[-1]:
        return (
            "Your server was ended because it wrote more to /tmp, and outside of the "
            "home directory, than its size allows. Large files belong in the home "
            "directory; a larger size may help too."
        )
    return (
        "The pod of your server is gone: its machine had run short of memory or disk."
    )


def terminated(pod: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return how the server's container ended.

    Returns
    -------
    mapping or None
        Kubernetes' `terminated` state; ``None`` while there is none.
    """
    found = get(_status(pod), "state", "terminated")
    return found if isinstance(found, Mapping) else None


def _status(pod: Mapping[str, object]) -> Mapping[str, object]:
    """Return the status of the pod's container."""
    listed = get(pod, "status", "containerStatuses")
    statuses: Iterable[object] = listed if isinstance(listed, Sequence) else ()
    return next((it for it in statuses if isinstance(it, Mapping)), {})


def _claim(events: Sequence[Event]) -> Failure | None:
    """Explain a home directory that will never be made."""
    about = [it for it in events if it.kind == "PersistentVolumeClaim"]
    # What was wrong earlier may have been put right: only the last word counts.
    for event in sorted(about, key=lambda it: it.last)[-1:]:
        cause = shortened(event.message)
        if "no storage class is set" in event.message:
            return Failure(
                "Your home directory cannot be made: the cluster has no default "
                "storage class.",
                f"{ASK} to set storage.storageClass, or a default class.",
            )
        if "storageclass" in event.message and "not found" in event.message:
            return Failure(
                f"Your home directory cannot be made: {cause}.",
                f"{ASK} to correct storage.storageClass.",
            )
    return None


def _of_end(ended: Mapping[str, object], log: str) -> Failure:
    """Explain a container that ended while the server was starting."""
    code, message = get(ended, "exitCode"), str(get(ended, "message") or "")
    words = f"{message}\n{log}"
    if get(ended, "reason") == "OOMKilled":
        return Failure(
            "The notebook server was ended because it used more memory than its "
            "size allows.",
            "Choose a larger size.",
            last_lines(log),
        )
    if _FULL.search(words):
        return Failure(
            "Your home directory is full: the notebook server cannot write to it.",
            f"Start without your own settings and remove something, or "
            f"{in_sentence(ASK)} to enlarge it.",
            last_lines(log),
            is_own=True,
        )
    if code == _LACKING and (found := _OURS.search(words)):
        return Failure(
            f"The image cannot be used: {found[1].rstrip('.')}.",
            "Choose another image, and report this to your administrator.",
        )
    if _NO_PROGRAM.search(words):
        return _no_entrypoint()
    killed = " (it was killed)" if code == _KILLED else ""
    return Failure(
        f"The notebook server ended with exit code {code}{killed} while it was "
        "starting.",
        "The last lines of its log say why. Settings, packages or kernels of your own "
        "can be the cause: start without them, and mend what the log names.",
        last_lines(log or message),
        is_own=True,
    )


def _of_home(seen: Observation, ended: Mapping[str, object]) -> Failure | None:
    """Explain a home directory that belongs to another user, or is read-only."""
    words = f"{get(ended, 'message') or ''}\n{seen.log}"
    if get(ended, "exitCode") != _LACKING or not (found := _NO_HOME.search(words)):
        return None
    place = str(get(seen.pod, "metadata", "namespace") or "")
    return Failure(
        f"Your home directory cannot be written: the volume that is {found[1]} belongs "
        f"to another user than {found[2]}, as whom servers run, or is read-only.",
        f"{ASK} for this command, which shows where the volume lies, and to make its "
        f"directory there belong to user and group {found[2]}: kubectl describe "
        "persistentvolume $(kubectl get persistentvolumeclaim home "
        f"--namespace {place} --output jsonpath='{{.spec.volumeName}}')",
    )


def _of_wait(waiting: Mapping[str, object], seen: Observation) -> Failure | None:
    """Explain a container that cannot be made."""
    reason = str(get(waiting, "reason") or "")
    message = str(get(waiting, "message") or "")
    image = str(get(_status(seen.pod), "image") or "")
    another = _another()
    if reason in _NAME:
        return Failure(f"“{image}” is not a valid image name.", another)
    if reason in _NEVER:
        return Failure(f"The image {image} is not on the machine.", another)
    if reason in _PULL:
        return _of_pull(image, message, seen.events, another)
    if reason in _CREATE:
        if _NO_PROGRAM.search(message):
            return _no_entrypoint()
        cause = shortened(message)
        return Failure(f"The server's container cannot be made: {cause}", f"{ASK}.")
    return None


def _another() -> str:
    """Say what to do about an image that cannot be used."""
    return "Choose another image, and report this to your administrator."


def _of_pull(
    image: str, message: str, events: Sequence[Event], remedy: str
) -> Failure | None:
    """Explain an image that does not come."""
    pulls = [it for it in events if "ull" in it.message and it.reason == "Failed"]
    words = "\n".join([message, *(it.message for it in pulls)])
    if _ABSENT.search(words):
        return Failure(
            f"The image {image} does not exist where it was looked for.", remedy
        )
    if _DENIED.search(words):
        return Failure(
            f"The registry does not give out the image {image}: it is private, or "
            "does not exist.",
            f"Choose another image. {ASK} to check its name and imagePullSecrets.",
        )
    failed = [it.count for it in pulls if not it.message.startswith("Error:")]
    if sum(failed) < RETRIES:
        return None
    last = pulls[-1].message if pulls else message
    return Failure(
        f"The image {image} cannot be fetched: {shortened(last)}",
        f"Start again in some minutes. {ASK} if it stays so.",
    )


def _unscheduled(message: str, late: str) -> Failure:
    """Explain that no machine took the pod."""
    if "PersistentVolumeClaim" in message:
        return Failure(
            f"Your home directory was not made {late}: no volume is bound to it.",
            f"{ASK} to look at the storage class and its provisioner.",
        )
    lacking = scarce(message) or shortened(message)
    return Failure(
        f"No machine took your server {late}: {lacking}.",
        "Choose a smaller size, or start again later.",
    )


def _no_entrypoint() -> Failure:
    """Explain an image that was not made for this service."""
    return Failure(
        "The image cannot be used: it has no /opt/cygnet/bin/entrypoint.",
        "Choose another image, and report this to your administrator.",
    )
