"""A kernel in a folder that another person has filled, started as the product does."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import kernel_place
from tests.support.connector import own_world
from tests.support.kernel import RunningKernel

CHANNEL = "cygnet-spark-connector"
NOTHING_THERE = "/usr/bin/python2.7-of-nobody"
PROFILE = """
c.InteractiveShellApp.exec_files = ["startup.py"]
c.InteractiveShellApp.extensions = ["autoreload"]
"""
HELPER = "def double(number):\n    return 2 * number\n"


@dataclass(frozen=True, slots=True)
class Visit:
    """A kernel in that folder, and what of it has run."""

    kernel: RunningKernel
    folder: Path
    log: Path

    @property
    def ran(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def state(self, phase: str, after: int = 0) -> dict[str, Any]:
        message = self.kernel.wait_for_comm(
            CHANNEL, lambda data: data["state"]["phase"] == phase, after=after
        )
        state: dict[str, Any] = message["state"]
        return state


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    directory = tmp_path_factory.mktemp("visit")
    folder, log = directory / "work", directory / "ran.log"
    kernel_place.traps(folder, log)
    (folder / "helper.py").write_text(HELPER)
    environment = {
        **own_world(directory),
        **kernel_place.profile(directory, "ipython_config.py", PROFILE),
        "PATH": f".{os.pathsep}{os.environ['PATH']}",
        "PYSPARK_PYTHON": NOTHING_THERE,
    }
    spec = kernel_place.make(directory)
    with RunningKernel(directory, environment=environment, spec=spec) as kernel:
        yield Visit(kernel, folder, log)


def test_nothing_of_the_folder_runs_before_a_cell_does(visit: Visit) -> None:
    visit.kernel.send_comm(CHANNEL, {"type": "hello"})
    visit.state("disconnected")
    after = len(visit.kernel.messages)
    visit.kernel.send_comm(CHANNEL, {"type": "connect", "bundles": ["local-small"]})
    state = visit.state("connected", after)

    assert state["lock"]["state"] == "closed"
    assert visit.ran == []


def test_profile_of_the_user_counts_next_to_ours(visit: Visit) -> None:
    loaded = visit.kernel.execute("sorted(get_ipython().extension_manager.loaded)")

    for name in ("autoreload", "spark_connector", "spark_monitor"):
        assert f"{name}'" in loaded.result


def test_module_of_the_folder_is_found_and_hides_nothing(visit: Visit) -> None:
    code = "import helper, yaml, random\nhelper.double(21), yaml.__file__"

    first, second = visit.kernel.execute(code), visit.kernel.execute(code)

    assert first.is_ok, first.error_text
    assert first.result.startswith("(42, '")
    assert str(visit.folder) not in first.result
    assert visit.ran == []
    told = first.stderr.splitlines()
    assert [it.split()[0] for it in told] == ["'yaml'", "'random'"]
    assert "not yaml.py next to this notebook" in told[0]
    assert second.stderr == ""


def test_folder_comes_last_and_follows_the_working_directory(visit: Visit) -> None:
    places = visit.kernel.execute("import sys; sys.path")

    assert places.result.endswith("'']")
    assert str(visit.folder) not in places.result


def test_module_of_the_folder_is_found_in_a_function_for_spark(visit: Visit) -> None:
    # A worker starts in the folder, after a cell of the user's; it has no trap then.
    for trap in visit.folder.glob("*.py"):
        if trap.name != "helper.py":
            trap.unlink()

    outcome = visit.kernel.execute(
        "sc.parallelize([1, 2], 1).map(lambda it: helper.double(it)).collect()"
    )

    assert outcome.result == "[2, 4]", outcome.error_text


def test_python_of_the_workers_that_is_none_is_reported(visit: Visit) -> None:
    outcome = visit.kernel.execute(
        "import os, spark_connector\n"
        "print(*spark_connector.explain().resolved.notices, sep='\\n')\n"
        "print(os.environ['PYSPARK_PYTHON'] == sys.executable)"
    )

    *notices, is_own = outcome.stdout.splitlines()
    assert is_own == "True"
    assert any(
        it.startswith(f"PYSPARK_PYTHON={NOTHING_THERE} is not used") for it in notices
    )
