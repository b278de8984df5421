"""What `cygnet status` and `cygnet doctor` do inside a pod of a release."""

import shutil
from pathlib import Path

from cygnet_hub import settings_model
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.environment import ServerPod
from cygnet_hub.errors import HubError
from cygnet_hub.kubernetes import quantity, settings
from cygnet_hub.kubernetes.settings import DATA, SECRETS, Release, secret
from cygnet_hub.location import HubPod
from cygnet_hub.service import release_api, release_doctor, release_status, rest
from cygnet_hub.service.doctor import ROOM_TO_RUN, Finding
from cygnet_hub.service.release_status import kubectl
from cygnet_hub.service.status import DIED, RUNNING, Report


def report(place: HubPod | ServerPod, secrets: Path = SECRETS) -> Report:
    """Report what runs of the release that a pod belongs to.

    In the hub's pod that is all of the release, else what a server sees of it.
    """
    if isinstance(place, ServerPod):
        return _of_server(place)
    chosen = settings.load(settings_model.FILE)
    release = chosen.release
    seen = release_status.Observation(
        chosen,
        release_api.health(release),
        release_api.servers(release, secret("api-token", secrets) or ""),
        release_api.routes(release, secret("proxy-token", secrets) or ""),
    )
    return release_status.report(seen)


def examine(
    place: HubPod | ServerPod, secrets: Path = SECRETS, data: DataDirectory = DATA
) -> list[Finding]:
    """Check what can be checked in a pod.

    In the hub's pod that is all that the hub needs, else what a server needs.
    """
    if isinstance(place, HubPod):
        return release_doctor.examine(settings.load(settings_model.FILE), secrets, data)
    hub, home = _hub(place), Path.home()
    free = shutil.disk_usage(home).free
    room = "" if free >= ROOM_TO_RUN else f"remove files below {home}"
    return [hub, Finding("Home directory", f"{quantity.memory_words(free)} free", room)]


def refusal(name: str, place: HubPod | ServerPod) -> HubError:
    """Refuse a command, e.g. `up`, that is for a service on one machine."""
    if isinstance(place, ServerPod):
        return _not_of_server(name, place)
    return _not_of_hub(name, settings.load(settings_model.FILE).release)


def _not_of_hub(name: str, release: Release) -> HubError:
    """Refuse it in the hub's pod, with what does there what it does elsewhere."""
    hub = f"deployment/{release.name}-hub"
    ways = {
        "up": f"start the hub again with `{kubectl(release, f'rollout restart {hub}')}`"
        ", or change the release with `helm upgrade`",
        "stop": f"end the hub with `{kubectl(release, f'scale {hub} --replicas=0')}`, "
        "or everything but users' homes with `helm uninstall`",
    }
    reason = (
        f"`cygnet {name}` is for a service on one machine, and this is the hub's pod "
        f"of the release {release.name} in the namespace {release.namespace}"
    )
    return HubError(reason, ways[name])


def _not_of_server(name: str, pod: ServerPod) -> HubError:
    """Refuse it where the hub starts and stops what runs."""
    reason = (
        f"`cygnet {name}` is for a service on one machine, and this is the pod "
        f"{pod.name} in the namespace {pod.namespace}, which belongs to {pod.release}"
    )
    return HubError(reason, "start and stop your servers on the service's page")


def _of_server(pod: ServerPod) -> Report:
    """Report what a server sees of its release."""
    hub = _hub(pod)
    said = (
        f"This is the pod {pod.name} in the namespace {pod.namespace}, which belongs "
        f"to {pod.release}."
    )
    wrong = () if hub.is_good else (f"{hub.remedy[:1].upper()}{hub.remedy[1:]}.",)
    return Report((said, f"  hub: {hub.fact}", *wrong), DIED if wrong else RUNNING)


def _hub(pod: ServerPod) -> Finding:
    """Ask the hub who this server's owner is."""
    answer = rest.ask(f"{pod.hub_api}/user", pod.token)
    if answer.is_good:
        name = answer.content.get("name") if isinstance(answer.content, dict) else ""
        return Finding("Hub", f"answers, and knows this server as {name}'s")
    remedy = (
        "wait a minute, as notebooks go on meanwhile; if that lasts, ask your "
        "administrator"
    )
    return Finding("Hub", answer.problem, remedy)
