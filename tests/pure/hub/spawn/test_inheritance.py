"""What kernels and terminals inherit of the place where the service was started."""

import os
import sys
from pathlib import Path

import pytest
from cygnet_hub.spawn import inheritance

from spark_connector.search_path import left_out

KERNELS = Path("/data/kernels/python")
SERVICE = Path("/service")


def inherited(service: Path | None = SERVICE, /, **environment: str) -> dict[str, str]:
    return inheritance.inherited(environment, KERNELS, service)


def test_kernels_programs_come_first_and_the_services_not_at_all() -> None:
    env = inherited(PATH="/service/bin:/home/ada/bin:/service/bin/:/usr/bin")

    assert env["PATH"] == "/data/kernels/python/bin:/home/ada/bin:/usr/bin"
    assert env["VIRTUAL_ENV"] == "/data/kernels/python"


def test_service_is_known_by_each_of_its_names(tmp_path: Path) -> None:
    service, link = tmp_path / "service", tmp_path / "link"
    (service / "bin").mkdir(parents=True)
    link.symlink_to(service)
    path = f"{link}/bin:{service}/bin:{service}/lib/../bin:/usr/bin"

    for known_as in (service, link):
        env = inherited(known_as, PATH=path)
        assert env["PATH"] == "/data/kernels/python/bin:/usr/bin"


def test_system_keeps_its_programs_when_the_service_shares_its_python() -> None:
    env = inherited(None, PATH="/usr/local/bin:/usr/bin")

    assert env["PATH"] == "/data/kernels/python/bin:/usr/local/bin:/usr/bin"


def test_path_that_is_not_there_is_the_systems() -> None:
    assert inherited()["PATH"] == f"/data/kernels/python/bin:{os.defpath}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONDA_PREFIX", "/service"),
        ("PIP_PREFIX", "/service"),
        ("PIP_PYTHON", "/service/bin/python"),
        ("PIP_TARGET", "/service/lib/python3.11/site-packages"),
        ("PYTHONHOME", "/service"),
        ("UV_PROJECT_ENVIRONMENT", "/service"),
        ("UV_PYTHON", "/service/bin/python"),
        ("VIRTUAL_ENV_PROMPT", "service"),
    ],
)
def test_installers_do_not_find_the_service(name: str, value: str) -> None:
    assert name not in inherited(**{name: value})


def test_what_leads_elsewhere_is_the_users_own() -> None:
    mine = {
        "CONDA_PREFIX": "/conda/envs/mine",
        "CONDA_DEFAULT_ENV": "mine",
        "PIP_INDEX_URL": "https://example.org/simple",
        "PYTHONUSERBASE": "/home/ada/packages",
        "SSL_CERT_FILE": "/service/cacert.pem",
        "UV_CACHE_DIR": "/home/ada/cache",
    }

    assert inherited(**mine).items() >= mine.items()


def test_conda_forgets_the_services_environment() -> None:
    env = inherited(
        CONDA_PREFIX="/service", CONDA_DEFAULT_ENV="service", CONDA_SHLVL="2"
    )

    assert [it for it in env if it.startswith("CONDA")] == []


def test_environment_of_another_project_gives_way() -> None:
    assert inherited(VIRTUAL_ENV="/project/.venv")["VIRTUAL_ENV"] == str(KERNELS)


def test_module_path_keeps_what_is_the_users() -> None:
    env = inherited(PYTHONPATH="/service/lib:/home/ada/lib::lib")

    assert env["PYTHONPATH"] == "/home/ada/lib"
    assert left_out(env)[0].startswith("PYTHONPATH: '', 'lib' was left out")
    assert "PYTHONPATH" not in inherited(PYTHONPATH="/service/lib")


def test_programs_next_to_a_notebook_are_not_found() -> None:
    env = inherited(PATH=".:/usr/bin:", LD_LIBRARY_PATH=":/opt/lib")

    assert env["PATH"] == "/data/kernels/python/bin:/usr/bin"
    assert env["LD_LIBRARY_PATH"] == "/opt/lib"


def test_own_environment_of_these_tests_is_found() -> None:
    expected = Path(sys.prefix) if sys.prefix != sys.base_prefix else None

    assert inheritance.service_environment() == expected
