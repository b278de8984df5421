"""Starts the service, or finds that it runs."""

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from subprocess import Popen

from pydantic import SecretStr

from cygnet_hub import private_file
from cygnet_hub.console import Say
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.errors import DiskFullError
from cygnet_hub.local import (
    kernel_environment,
    port,
    process_tree,
    settings,
)
from cygnet_hub.local.process_tree import Role
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import (
    directory,
    examples,
    hub_client,
    hub_process,
    java,
    lock_file,
    recovery,
    state_file,
)
from cygnet_hub.service.errors import StartError
from spark_connector import search_path

PATIENCE = timedelta(seconds=90)
"""How long the hub may take to answer."""
_INTERVAL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs."""

    settings: Settings
    """In effect, with the ports that were free."""
    hub: Popen[bytes] | None
    """The hub's process; ``None`` when it ran already."""


def running(data: DataDirectory) -> Settings | None:
    """Return the settings of the service if its hub answers through the proxy."""
    saved = settings.saved(data.settings)
    if saved is None or not process_tree.take(data).of(Role.HUB):
        return None
    return saved if hub_client.is_ours(saved) else None


def start(chosen: Settings, say: Say) -> Service:
    """Start the service unless it runs; it answers through the proxy then."""
    directory.check(chosen)
    private_file.make_directory(chosen.data_dir)
    with lock_file.hold(chosen.data):
        if (known := running(chosen.data)) is not None:
            return Service(known, None)
        # Asked again later; a forbidden port is better reported at once.
        port.next_free(chosen.port)
        want = kernel_environment.wanted(chosen.kernel_packages)
        kernel_environment.ensure(chosen.data, want, say)
        java.check(chosen.data.kernels)
        _bring_examples(chosen.root_dir, say)
        former = recovery.clean_up(chosen.data, say)
        _tell_other_directories(chosen, say)
        _tell_left_out(chosen, say)
        return _start_hub(chosen, former, say)


def _tell_other_directories(chosen: Settings, say: Say) -> None:
    """Report a notebook server that is taken over and shows another directory."""
    for member in process_tree.take(chosen.data).of(Role.SERVER):
        if member.folder != chosen.root_dir.resolve():
            say(
                f"That server goes on showing {member.folder}. To see "
                f"{chosen.root_dir}, stop it on the start page and start it again."
            )


def _tell_left_out(chosen: Settings, say: Say) -> None:
    """Report the variables of this process that notebooks do not inherit."""
    handed_on = search_path.absolute_only(settings.hub_environment(chosen))
    for sentence in search_path.left_out(handed_on):
        say(sentence)


def _start_hub(chosen: Settings, former: Settings | None, say: Say) -> Service:
    """Start the hub, and once more when another program took a port first."""
    effective = _with_ports(chosen, former, say)
    try:
        return Service(effective, _launch(effective, say))
    except StartError:
        taken = (effective.port, effective.hub_port, effective.proxy_api_port)
        if all(map(port.is_free, taken)):
            raise
    say("Another program took a port first. Trying again with others …")
    effective = _with_ports(chosen, former, say)
    return Service(effective, _launch(effective, say))


def _bring_examples(root_dir: Path, say: Say) -> None:
    """Copy the examples that are absent."""
    target = root_dir / "examples"
    copied = examples.copy_absent(examples.shipped(), target)
    if copied:
        say(f"Copied {len(copied)} example files to {target}.")


def _with_ports(chosen: Settings, former: Settings | None, say: Say) -> Settings:
    """Choose the ports and the token; the former ones where that is possible."""
    public = port.next_free(chosen.port)
    if public != chosen.port:
        say(f"Port {chosen.port} is taken, using {public} instead.")
    # Notebook servers of a former hub look for the new one where that was.
    kept = former and former.hub_port != public and port.is_free(former.hub_port)
    hub = former.hub_port if former and kept else port.any_free(but={public})
    share = former.share_port if former else chosen.share_port
    if share in {public, hub} or not port.is_free(share):
        share = port.any_free(but={public, hub})
    token = former.api_token if former else SecretStr(secrets.token_urlsafe(32))
    return chosen.model_copy(
        update={
            "port": public,
            "hub_port": hub,
            "share_port": share,
            "proxy_api_port": port.any_free(but={public, hub, share}),
            "api_token": token,
        }
    )


def _launch(effective: Settings, say: Say) -> Popen[bytes]:
    """Start the hub, wait until it answers through the proxy, and remember it."""
    settings.save(effective)
    say("Starting the hub …")
    hub = hub_process.launch(effective)
    try:
        _await(effective, hub)
    except BaseException:
        # Also Ctrl-C: nothing of a start that was given up may go on.
        hub.kill()
        hub.wait()
        recovery.end_started(effective.data)
        raise
    proxies = process_tree.take(effective.data).of(Role.PROXY)
    remembered = state_file.Record(
        hub=process_tree.identify(hub.pid),
        proxy=process_tree.identify(proxies[0].process.pid) if proxies else None,
        port=effective.port,
        root_dir=effective.root_dir,
        started=state_file.now(),
    )
    state_file.write(effective.data.record, remembered)
    return hub


def _await(effective: Settings, hub: Popen[bytes]) -> None:
    """Wait until the hub answers through the proxy."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    log = effective.data.hub_log
    while not hub_client.is_ours(effective):
        code = hub.poll()
        if code is not None and private_file.is_full(effective.data_dir):
            raise DiskFullError(effective.data_dir)
        if code is not None:
            raise StartError(hub_process.ending(code), log)
        if time.monotonic() > deadline:
            late = f"did not answer within {PATIENCE.total_seconds():.0f} s"
            raise StartError(late, log)
        time.sleep(_INTERVAL_SECONDS)
