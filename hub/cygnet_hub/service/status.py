"""Reports what runs, what died, and what to do about it.

A decision without side effects; `cygnet status` observes and prints.
"""

from dataclasses import dataclass
from datetime import datetime

from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local.process_tree import Inventory, Role, ServiceProcess
from cygnet_hub.service import hub_process
from cygnet_hub.service.state_file import Record

RUNNING = 0
"""The exit code when all is well."""
DIED = 1
"""The exit code when something died and `cygnet up` or a click helps."""
STOPPED = 3
"""The exit code when nothing runs, as the Linux Standard Base has it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """All that is known about a service at one moment."""

    data: DataDirectory
    """Where it keeps its data."""
    up: str
    """The command that starts it."""
    record: Record | None
    """What was started and not stopped."""
    inventory: Inventory
    """What runs."""
    is_answering: bool
    """Whether the hub answers through the proxy."""
    booted: datetime
    """When the machine was started."""
    last_words: str
    """The end of the hub's log."""
    is_sharing: bool
    """Whether a sharing service belongs to it."""
    server_ending: str
    """How the notebook server died, as a sentence; empty when it did not."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `cygnet status` says."""

    lines: tuple[str, ...]
    """Sentences, the most important first."""
    code: int
    """`RUNNING`, `DIED` or `STOPPED`."""


def report(seen: Observation) -> Report:
    """Judge an observation, with a remedy for all that is wrong."""
    if seen.record is None and not seen.inventory.members:
        return Report((f"No service of {seen.data} is running.",), STOPPED)
    if not seen.inventory.of(Role.HUB):
        return _without_hub(seen)
    lines = [_address(seen)]
    lines += [_line(it) for it in _shown(seen.inventory)]
    wrong = _wrong(seen)
    return Report((*lines, *wrong), DIED if wrong else RUNNING)


def _address(seen: Observation) -> str:
    """Report where the service is."""
    if seen.record is None:
        return "Cygnet is being started."
    started = seen.record.started.strftime("%Y-%m-%d %H:%M")
    return (
        f"Cygnet runs at http://127.0.0.1:{seen.record.port}/ since {started} and "
        f"shows {seen.record.root_dir}."
    )


def _wrong(seen: Observation) -> list[str]:
    """Report what died while the hub lives."""
    wrong = []
    if not seen.inventory.of(Role.PROXY):
        wrong.append(
            "The proxy died. The hub starts it again within seconds; if not, run "
            f"`{seen.up}`, which keeps the notebook servers."
        )
    elif not seen.is_answering:
        wrong.append(
            f"The hub does not answer. If that lasts, run `{seen.up}`, which restarts "
            "it and keeps the notebook servers."
        )
    if seen.is_sharing and not seen.inventory.of(Role.SHARING):
        wrong.append(
            "The sharing service died. The hub starts it again within seconds; "
            f"notebooks are saved meanwhile, and {seen.data.share_log} says why it "
            "died."
        )
    if seen.server_ending:
        wrong.append(
            f"{seen.server_ending} Start it again on the start page; notebooks are "
            "as they were last saved."
        )
    return wrong


def _without_hub(seen: Observation) -> Report:
    """Describe how the hub died and what is left."""
    lines = [f"The hub {_how(seen)}."]
    survivors = _shown(seen.inventory)
    if seen.inventory.of(Role.SERVER):
        lines.append("These processes keep running:")
    elif survivors:
        lines.append("Still running:")
    lines += [_line(it) for it in survivors]
    words = [it for it in seen.last_words.splitlines() if it.strip()]
    if words:
        lines.append(f"Its last line in {seen.data.hub_log}: {words[-1].strip()}")
    remedy = (
        f"Run `{seen.up}`: it cleans up, takes over notebook servers, and starts the "
        "hub."
    )
    return Report((*lines, remedy), DIED)


def _how(seen: Observation) -> str:
    """Describe how the hub ended, as far as that is known."""
    if seen.record is None:
        return "died while it was being started"
    pid = f"(process {seen.record.hub.pid})"
    if seen.record.hub_exit is not None:
        return f"{pid} {hub_process.ending(seen.record.hub_exit)}"
    if seen.booted > seen.record.started:
        return f"{pid} ended when the machine was restarted"
    if "initiating shutdown" in seen.last_words:
        return f"{pid} was ended by a signal, not by `cygnet stop`"
    return f"{pid} exited without a message (killed, or out of memory)"


def _shown(found: Inventory) -> list[ServiceProcess]:
    """Choose the processes that a user knows of, which JVMs are not."""
    order = (Role.HUB, Role.PROXY, Role.SHARING, Role.SERVER, Role.KERNEL)
    return [member for role in order for member in found.of(role)]


def _line(member: ServiceProcess) -> str:
    """Describe one process."""
    where = f" in {member.folder}" if member.role in {Role.SERVER, Role.KERNEL} else ""
    return f"  {member.role}: process {member.process.pid}{where}"
