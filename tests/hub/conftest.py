"""What the tests of the hub share; what one of them leaves is named by the guard."""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import kernel_environment
from cygnet_hub.local.errors import UvError
from cygnet_hub.local.settings import Settings

from tests.support import offered
from tests.support.cluster_hub import running_cluster_hub
from tests.support.command import Command, command
from tests.support.guard import pytest_runtest_call, pytest_runtest_teardown
from tests.support.hub import RunningHub, forget
from tests.support.lock import alone
from tests.support.share_hub import ShareHub, running_share_hub
from tests.support.worker import shared_folder

__all__ = ["pytest_runtest_call", "pytest_runtest_teardown"]


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' environment, made once for all workers."""
    data = DataDirectory(shared_folder(tmp_path_factory) / "kernels")
    packages = Settings.model_validate({}).kernel_packages
    wanted = kernel_environment.wanted(packages)
    data.path.mkdir(mode=0o700, exist_ok=True)
    with alone(data.lock):
        # Most often uv has fetched all of it for the tests' own environment.
        with pytest.MonkeyPatch.context() as patch, suppress(UvError):
            patch.setenv("UV_OFFLINE", "1")
            kernel_environment.ensure(data, wanted, print)
        kernel_environment.ensure(data, wanted, print)
    return data.kernels.parent


@pytest.fixture
def cygnet(tmp_path: Path, kernels: Path) -> Generator[Command]:
    """A place where nothing runs yet."""
    with command(tmp_path, kernels) as place:
        yield place


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, kernels: Path
) -> Generator[Command]:
    """A service that runs, for tests that leave it so."""
    with command(tmp_path_factory.mktemp("running"), kernels) as place:
        place.detached()
        yield place


@pytest.fixture(scope="session")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    """The pages of Kubernetes."""
    # JupyterHub's wish to start unasked, which our pages have to withstand.
    extra = "c.JupyterHub.implicit_spawn_seconds = 0.1"
    directory, groups = tmp_path_factory.mktemp("cluster"), {"astro": ["ann"]}
    with running_cluster_hub(directory, offered.SITE, groups, extra) as hub:
        yield hub


@pytest.fixture
def cluster_hub(shared_hub: RunningHub) -> Generator[RunningHub]:
    """The pages of Kubernetes, for people who go with the test."""
    known = names(shared_hub)
    yield shared_hub
    for name in names(shared_hub) - known:
        forget(shared_hub.call, name)


@pytest.fixture(scope="session")
def share_hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[ShareHub]:
    """Ann and Bob, and what they share."""
    with running_share_hub(tmp_path_factory.mktemp("people")) as hub:
        yield hub


def names(hub: RunningHub) -> set[str]:
    return {it["name"] for it in hub.call("GET", "/users").json()}
