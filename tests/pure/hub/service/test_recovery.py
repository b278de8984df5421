"""Which processes of a service that died are ended, and which are taken over."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree, settings
from cygnet_hub.local.process_tree import Role
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import recovery

from tests.support.port import free_ports
from tests.support.waiting import SLOW_S

WAIT = "import sys; print('up', flush=True); sys.stdin.read()"
WORDS = {
    Role.HUB: "jupyterhub",
    # Also where the Python that all of it runs in is below a folder of that name.
    Role.SHARING: f"jupyterhub {process_tree.SHARING}",
    Role.SERVER: "singleuser",
    Role.KERNEL: "ipykernel_launcher",
}
"""What stands in the command of a role."""
INSIDE = (Role.SERVER, Role.KERNEL, Role.OTHER)
"""What a notebook server has started, or is."""
Start = Callable[[Role], psutil.Process]


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    """The directory of a service that has died."""
    port, hub_port, api_port = free_ports(3)
    chosen = Settings(
        data_dir=tmp_path, port=port, hub_port=hub_port, proxy_api_port=api_port
    )
    settings.save(chosen)
    return DataDirectory(tmp_path)


@pytest.fixture
def start(data: DataDirectory, tmp_path: Path) -> Generator[Start]:
    """Starts programs that look like those of the service."""
    # The proxy is known by its program's name.
    traefik = tmp_path / "traefik"
    traefik.symlink_to(sys.executable)
    begun: list[subprocess.Popen[str]] = []

    def begin(role: Role) -> psutil.Process:
        mark = {process_tree.MARK: str(data)} if role in INSIDE else {}
        program = str(traefik) if role is Role.PROXY else sys.executable
        process = subprocess.Popen(
            [program, "-c", WAIT, *WORDS.get(role, "").split()],
            env={**os.environ, process_tree.SERVICE_VARIABLE: str(data), **mark},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return psutil.Process(process.pid)

    yield begin
    for it in begun:
        with suppress(OSError):
            it.kill()
        it.communicate(timeout=SLOW_S)


def ended(process: psutil.Process) -> bool:
    return process_tree.await_end([process], recovery.GRACE) == []


def runs(process: psutil.Process) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE


def test_server_and_kernel_are_taken_over_and_what_the_hub_started_ended(
    data: DataDirectory, start: Start
) -> None:
    hub, proxy, sharing, server, kernel = map(
        start, (Role.HUB, Role.PROXY, Role.SHARING, Role.SERVER, Role.KERNEL)
    )
    said: list[str] = []

    former = recovery.clean_up(data, said.append)

    assert former == settings.saved(data.settings)
    assert ended(hub)
    assert ended(proxy)
    assert ended(sharing)
    assert runs(server)
    assert runs(kernel)
    assert any(f"Taking over the notebook server {server.pid}" in it for it in said)


def test_kernels_without_a_server_are_ended(data: DataDirectory, start: Start) -> None:
    kernel, program = start(Role.KERNEL), start(Role.OTHER)

    recovery.clean_up(data, lambda _line: None)

    assert ended(kernel)
    assert ended(program)


def test_server_that_cannot_reach_a_new_hub_is_ended(
    data: DataDirectory, start: Start
) -> None:
    server = start(Role.SERVER)
    data.settings.unlink()
    said: list[str] = []

    assert recovery.clean_up(data, said.append) is None

    assert ended(server)
    assert "could not reach a new hub" in said[0]


def test_strangers_and_other_services_are_left_alone(
    start: Start, tmp_path: Path
) -> None:
    kernel = start(Role.KERNEL)

    recovery.clean_up(DataDirectory(tmp_path / "other"), lambda _line: None)

    assert runs(kernel)


def test_what_a_failed_start_has_started_is_ended_and_no_server(
    data: DataDirectory, start: Start
) -> None:
    proxy, sharing, server = map(start, (Role.PROXY, Role.SHARING, Role.SERVER))

    recovery.end_started(data)

    assert ended(proxy)
    assert ended(sharing)
    assert runs(server)
