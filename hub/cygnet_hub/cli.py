"""The command ``cygnet``: reads the arguments, prints, and sets the exit code."""

import platform
import signal
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
import psutil

from cygnet_hub import location
from cygnet_hub.auth import login_link
from cygnet_hub.console import progress, result
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.environment import ServerPod
from cygnet_hub.errors import HubError, PlatformError
from cygnet_hub.local import log_file, process_tree, settings
from cygnet_hub.local.command_line import command
from cygnet_hub.local.settings import Settings
from cygnet_hub.location import HubPod, Machine
from cygnet_hub.service import (
    doctor,
    hub_client,
    start,
    state_file,
    status,
    watch,
)
from cygnet_hub.service import (
    stop as shutdown,
)
from cygnet_hub.service.errors import NotRunningError
from cygnet_hub.service.watch import Outcome

FAULT = 2
"""The exit code of an error that one sentence explains."""
INTERRUPTED = 130
"""The exit code after Ctrl-C during a start, as shells have it."""

_data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, readable=False),
    help="Where the service keeps its data  [default: $XDG_DATA_HOME/cygnet]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cygnet")
def cygnet() -> None:
    """Notebooks with Apache Spark on this machine."""


@cygnet.command()
@click.argument(
    "directory", required=False, type=click.Path(path_type=Path, readable=False)
)
@click.option("--port", type=int, help="Where the browser finds it  [default: 8000]")
@_data_dir
@click.option(
    "--bundles",
    "bundle_dirs",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    help="A directory with bundles of your own; may be repeated.",
)
@click.option("--detach", is_flag=True, help="Return to the shell once it runs.")
def up(
    directory: Path | None,
    port: int | None,
    data_dir: Path | None,
    bundle_dirs: tuple[Path, ...],
    *,
    detach: bool,
) -> int:
    """Start the service and show DIRECTORY, by default the current one."""
    _refuse_in_pod("up")
    chosen = settings.load(
        root_dir=directory,
        port=port,
        data_dir=data_dir,
        bundle_dirs=bundle_dirs or None,
    )
    running = start.start(chosen, progress)
    _invite(running.settings, is_new=running.hub is not None)
    if running.hub is None:
        return 0
    if detach:
        progress(f"Stop it with `{command('stop', chosen.data)}`.")
        return 0
    progress("Stop it with Ctrl-C.")
    return _stay(running)


@cygnet.command("status")
@_data_dir
def show_status(data_dir: Path | None) -> int:
    """Show what runs and what died; 0 all well, 1 something died, 3 nothing runs.

    In a pod of a release on Kubernetes, of that release.
    """
    place = location.find()
    if data_dir is None and not isinstance(place, Machine):
        # As for a login link: on one machine it would only cost time.
        from cygnet_hub.service import pod_command  # noqa: PLC0415

        found = pod_command.report(place)
    else:
        chosen = settings.load(data_dir=data_dir)
        found = status.report(_observe(chosen.data))
    for line in found.lines:
        result(line)
    return found.code


@cygnet.command()
@_data_dir
@click.option("--yes", is_flag=True, help="Do not ask, even when kernels are busy.")
def stop(data_dir: Path | None, *, yes: bool) -> int:
    """End the service with its notebook servers, kernels and Java processes."""
    _refuse_in_pod("stop")
    data = settings.load(data_dir=data_dir).data
    if state_file.read(data.record) is None and not process_tree.take(data).members:
        progress(f"No service of {data} is running.")
        return 0
    known = settings.saved(data.settings)
    if known is not None and not yes and sys.stdin.isatty():
        busy = hub_client.busy_kernels(known)
        if watch.confirm(busy, _ask) is not Outcome.STOP:
            progress("Cygnet keeps running.")
            return 1
    shutdown.end(data, progress)
    progress("Everything has ended.")
    return 0


@cygnet.command("login-link")
@_data_dir
def new_login_link(data_dir: Path | None) -> int:
    """Print a fresh link that logs you in once."""
    data = settings.load(data_dir=data_dir).data
    where = location.find()
    if data_dir is None and isinstance(where, HubPod):
        # On one machine they would be a fifth of what every command costs.
        from cygnet_hub.kubernetes.login_link import issue_in_pod  # noqa: PLC0415

        result(issue_in_pod(data.login_links))
        return 0
    if isinstance(where, ServerPod):
        _refuse_in_pod("login-link")
    known = start.running(data)
    if known is None:
        raise NotRunningError(data, command("up", data))
    result(login_link.url(known.port, login_link.issue(data.login_links)))
    return 0


@cygnet.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--upgrade", is_flag=True, help="A release is there already.")
@click.option(
    "--secrets",
    type=click.Path(path_type=Path),
    help="Where the chart has mounted the Secrets that the values name.",
)
def check(files: tuple[Path, ...], secrets: Path | None, *, upgrade: bool) -> int:
    """Check values FILES of the chart, in Helm's order; 1 if they are refused.

    It needs no cluster, and names every problem with its line, reason and remedy.
    """
    try:
        # What they import is installed for a service on Kubernetes only.
        from cygnet_hub.kubernetes import values_check, values_file  # noqa: PLC0415
    except ModuleNotFoundError as error:
        reason = f"{error.name}, which this command needs, is not installed"
        remedy = 'install it with `pip install "cygnet[hub,kubernetes]"`'
        raise HubError(reason, remedy) from error
    written = values_file.read(files)
    if secrets is not None:
        # The chart's own file has lines that no administrator wrote.
        nameless = dict.fromkeys(written.lines, "the values")
        written = replace(written, name="the values", lines=nameless)
    report = values_check.examine(written, secrets, is_upgrade=upgrade)
    for line in values_check.lines(report):
        result(line)
    return 1 if report.problems else 0


@cygnet.command("doctor")
@_data_dir
def examine(data_dir: Path | None) -> int:
    """Check what the service needs, and show what to do about each fault.

    In a pod of a release on Kubernetes, what that release needs.
    """
    place = location.find()
    if data_dir is None and not isinstance(place, Machine):
        from cygnet_hub.service import pod_command  # noqa: PLC0415 - as above

        findings = pod_command.examine(place)
    else:
        findings = doctor.examine(settings.load(data_dir=data_dir))
    for finding in findings:
        result(str(finding))
    return 0 if all(it.is_good for it in findings) else 1


def main() -> None:
    """Run the command and end the process with its exit code."""
    _end_tidily()
    try:
        if platform.system() not in {"Linux", "Darwin"}:
            raise PlatformError(platform.system())
        code = cygnet.main(standalone_mode=False)
    except HubError as error:
        progress(f"cygnet: {error}")
        code = FAULT
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        progress("cygnet: interrupted.")
        code = INTERRUPTED
    sys.exit(code)


def _refuse_in_pod(name: str) -> None:
    """Refuse what starts or ends a service on one machine where a release runs."""
    place = location.find()
    if not isinstance(place, Machine):
        from cygnet_hub.service import pod_command  # noqa: PLC0415 - as above

        raise pod_command.refusal(name, place)


def _end_tidily() -> None:
    """Let SIGTERM and a lost terminal unwind the stack, so that owners clean up."""

    def unwind(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup SIGHUP is ignored already, and stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, unwind)


def _stay(running: start.Service) -> int:
    """Watch the service until something ends it."""
    match watch.watch(running, progress, _ask):
        case Outcome.STOP:
            shutdown.end(running.settings.data, progress)
            progress("Everything has ended.")
            return 0
        case Outcome.HUB_ENDED:
            progress("The service was stopped.")
            return 0
        case Outcome.DETACHED:
            return 0
        case Outcome.HUB_DIED:
            for line in status.report(_observe(running.settings.data)).lines:
                progress(line)
            return status.DIED


def _invite(running: Settings, *, is_new: bool) -> None:
    """Print the login link, and the tunnel for a user who came by SSH."""
    said = "Cygnet is running" if is_new else "Cygnet is running already"
    progress(f"{said} and shows {running.root_dir}. Log in, once, with")
    result(login_link.url(running.port, login_link.issue(running.data.login_links)))
    if (reached := settings.ssh_connection()) is not None:
        host, port = reached
        progress("You came by SSH: first run this on your own machine")
        progress(login_link.tunnel(running.port, running.owner, host, port))


def _observe(data: DataDirectory) -> status.Observation:
    """Observe the service."""
    known, saved = state_file.read(data.record), settings.saved(data.settings)
    servers = (hub_client.servers(saved) if known and saved else None) or ()
    booted = datetime.fromtimestamp(psutil.boot_time()).astimezone()
    return status.Observation(
        data=data,
        up=command("up", data),
        record=known,
        inventory=process_tree.take(data),
        is_answering=known is not None and hub_client.is_healthy(known.port),
        booted=booted,
        last_words=log_file.tail(data.hub_log),
        is_sharing=saved is not None and saved.sharing,
        server_ending=" ".join(it.ending for it in servers if it.ending),
    )


def _ask(question: str) -> bool:
    """Ask on the terminal; no is the default."""
    progress("")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
