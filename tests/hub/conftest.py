from collections.abc import Generator
from pathlib import Path

import pytest
from cygnet_hub import kernel_environment
from cygnet_hub.settings import Settings

from tests.support import offered
from tests.support.cluster_hub import running_cluster_hub
from tests.support.command import Command, command
from tests.support.hub import RunningHub


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' environment, made once."""
    data_dir = tmp_path_factory.mktemp("kernels")
    packages = Settings.model_validate({}).kernel_packages
    wanted = kernel_environment.wanted(packages)
    kernel_environment.ensure(data_dir, wanted, print)
    return data_dir / "kernels"


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
def cluster_hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    """The pages of Kubernetes, for tests that each have people of their own."""
    # JupyterHub's wish to start unasked, which our pages have to withstand.
    extra = "c.JupyterHub.implicit_spawn_seconds = 0.1"
    directory, groups = tmp_path_factory.mktemp("cluster"), {"astro": ["ann"]}
    with running_cluster_hub(directory, offered.SITE, groups, extra) as hub:
        yield hub
