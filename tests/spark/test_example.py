"""The examples that a newcomer runs first, run as they are."""

import json
from pathlib import Path

from tests.support.kernel import RunningKernel
from tests.support.source import ROOT

FLIGHTS = json.loads((ROOT / "examples/flights.ipynb").read_text())
CODE = {
    it["id"]: "".join(it["source"])
    for it in FLIGHTS["cells"]
    if it["cell_type"] == "code"
}


def test_flights_succeeds_and_can_be_run_again(tmp_path: Path) -> None:
    with RunningKernel(tmp_path) as kernel:
        runs = [
            {cell: kernel.execute(code, cell) for cell, code in CODE.items()}
            for _ in range(2)
        ]

    for outcomes in runs:
        failed = {it: run.error_text for it, run in outcomes.items() if not run.is_ok}
        assert failed == {}
        assert outcomes["read"].stdout.startswith("336,776 flights, 26,115 hours")
        assert [run.stderr for run in outcomes.values() if run.stderr] == []
        shown = [set(it["data"]) for it in outcomes["plot"].displays]
        assert any("image/png" in types for types in shown)


def test_flights_makes_its_session_in_one_line() -> None:
    lines = "\n".join(CODE.values()).splitlines()

    assert [it for it in lines if "connect(" in it] == ["spark = connect()"]
    assert not any("SparkSession" in it or ".config(" in it for it in lines)
