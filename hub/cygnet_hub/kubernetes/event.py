"""Kubernetes' events of a starting server, as lines of the waiting page.

A decision without side effects. What a user can do nothing with is left out;
an unknown warning is passed on in Kubernetes' words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cygnet_hub.spawn.progress import Progress, Step

LONGEST = 200
"""Longer messages of Kubernetes are cut, visibly."""
STARTED = Step(70, "The notebook server is starting…")
"""When the container runs; the pod's phase shows it sooner than an event."""
_STEPS = {
    "Scheduled": Step(30, "A machine was found for your server."),
    "TriggeredScaleUp": Step(
        25, "The cluster is adding a machine; that takes minutes…"
    ),
    "SuccessfulAttachVolume": Step(
        40, "Your home directory is attached to the machine."
    ),
    "Pulling": Step(
        45, "Fetching the image; the first time on a machine takes minutes…"
    ),
    "Pulled": Step(55, "The image is on the machine."),
    "Created": Step(60, "The server's container is made."),
    "Started": STARTED,
    "ProvisioningSucceeded": Step(20, "Your home directory was made."),
}
_WAITS = {
    "FailedMount": "Your home directory cannot be attached yet. Trying again…",
    "FailedAttachVolume": "Your home directory cannot be attached yet: another "
    "machine may still have it. Trying again…",
    "NetworkNotReady": "The machine's network is not ready yet. Trying again…",
    "FailedCreatePodSandBox": "The machine has trouble making the pod. Trying again…",
}
_SILENT = {"BackOff", "Failed", "Killing", "Preempted", "Unhealthy"}
_ROOM = re.compile(r"\bInsufficient ([\w./-]*\w)")
_PLACE = re.compile(r"node affinity|node selector|untolerated taint")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the hub read it."""

    reason: str
    """Kubernetes' word, e.g. `FailedScheduling`."""
    message: str
    """Kubernetes' sentence."""
    kind: str
    """What it is about: `Pod` or `PersistentVolumeClaim`."""
    name: str
    """The name of that."""
    is_warning: bool
    """Whether something did not work."""
    count: int
    """How often it was seen."""
    last: str
    """When it was seen last, in the order of time as text."""
    uid: str
    """The identity of what it is about."""


def parse(event: Mapping[str, object]) -> Event:
    """Read an event as the API gives it.

    Parameters
    ----------
    event
        A core/v1 Event.

    Returns
    -------
    Event
        With empty texts for what it lacks.
    """
    about, series = event.get("involvedObject"), event.get("series")
    about = about if isinstance(about, Mapping) else {}
    series = series if isinstance(series, Mapping) else {}
    count = series.get("count") or event.get("count") or 1
    last = (
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
    )
    return Event(
        reason=str(event.get("reason") or ""),
        message=str(event.get("message") or ""),
        kind=str(about.get("kind") or ""),
        name=str(about.get("name") or ""),
        is_warning=event.get("type") == "Warning",
        count=count if isinstance(count, int) else 1,
        last=str(last or ""),
        uid=str(about.get("uid") or ""),
    )


def steps(events: Iterable[Event]) -> tuple[Step, ...]:
    """Turn events into lines.

    Parameters
    ----------
    events
        Of the pod and its volume claim, in any order.

    Returns
    -------
    tuple of Step
        In the order of time, none twice, progress never going back.
    """
    shown = Progress(furthest=10)
    for event in sorted(events, key=lambda it: it.last):
        step = _step(event, shown.furthest)
        if step is not None:
            shown.say(step)
    return shown.since(0)


def shortened(message: str) -> str:
    """Cut what Kubernetes says to what fits a line.

    Parameters
    ----------
    message
        Any text.

    Returns
    -------
    str
        On one line, of at most `LONGEST` characters.
    """
    line = " ".join(message.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def scarce(message: str) -> str:
    """Say what the scheduler does not find.

    Returns
    -------
    str
        A clause without full stop; empty when the sentence names nothing known.
    """
    lacking = sorted(set(_ROOM.findall(message)))
    if lacking:
        words = {"cpu": "CPU", "memory": "memory", "nvidia.com/gpu": "GPU"}
        words["ephemeral-storage"] = "disk"
        named = " and ".join(words.get(it, it) for it in lacking)
        return f"no machine has enough {named} free"
    if "Too many pods" in message:
        return "every machine runs as many pods as it can"
    if _PLACE.search(message):
        return "no machine is set up to take this server"
    return ""


def _step(event: Event, progress: int) -> Step | None:
    """Find the words for one event."""
    if event.reason in _STEPS:
        return _STEPS[event.reason]
    if event.reason == "FailedScheduling":
        # The claim is bound a moment later; the scheduler then tries again.
        if "PersistentVolumeClaim" in event.message:
            return Step(progress, "Making your home directory…")
        lacking = scarce(event.message)
        cause = f"{lacking[:1].upper()}{lacking[1:]}" if lacking else "No machine yet"
        return Step(progress, f"{cause}. Waiting for one…")
    if event.reason in _WAITS:
        return Step(progress, _WAITS[event.reason])
    if event.is_warning and event.reason not in _SILENT:
        return Step(progress, f"Kubernetes says: {shortened(event.message)}")
    return None
