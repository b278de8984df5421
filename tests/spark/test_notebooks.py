"""Ordinary notebooks, written for plain pyspark, in a session of the connector."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.connector import own_world
from tests.support.kernel import Outcome, RunningKernel
from tests.support.monitored import MAKE_SESSION
from tests.support.source import ROOT

NOTEBOOKS = sorted((ROOT / "tests/data/notebooks").glob("*.ipynb"))
CONNECT = """
from spark_connector import connect
spark = connect(**{"spark.sql.shuffle.partitions": 4})
"""


@pytest.fixture(scope="module")
def kernels(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunningKernel, RunningKernel]]:
    """Start two kernels, whose sessions come up at the same time.

    The first one has nothing of ours, and the session of a newcomer.
    """
    first, second = (tmp_path_factory.mktemp(it) for it in ("plain", "connected"))
    world = {**own_world(first), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (
        RunningKernel(first, extensions=(), environment=world) as plain,
        RunningKernel(second, environment=own_world(second)) as connected,
    ):
        begun = [(plain, plain.submit(MAKE_SESSION))]
        begun.append((connected, connected.submit(CONNECT)))
        for kernel, execution in begun:
            outcome = kernel.wait(execution)
            assert outcome.is_ok, outcome.error_text
        yield plain, connected


def run(kernels: Sequence[RunningKernel], notebook: Path) -> list[list[Outcome]]:
    """Run all cells of code in several kernels at once, as far as they succeed."""
    outcomes: list[list[Outcome]] = []
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            code = "".join(cell["source"])
            begun = [(it, it.submit(code, cell["id"])) for it in kernels]
            outcomes.append([it.wait(execution) for it, execution in begun])
            assert all(it.is_ok for it in outcomes[-1]), outcomes[-1]
    return outcomes


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda it: it.stem)
def test_notebook_runs_as_in_plain_pyspark(
    kernels: tuple[RunningKernel, RunningKernel], notebook: Path
) -> None:
    outcomes = run(kernels, notebook)

    assert len(outcomes) >= 3
    assert any(expected.stdout or expected.result for expected, _ in outcomes)
    for expected, found in outcomes:
        assert (found.stdout, found.result) == (expected.stdout, expected.result)


def test_there_are_ten_notebooks() -> None:
    assert len(NOTEBOOKS) == 10
