"""Nobody looks on: a plain script, and a notebook that is executed to its end."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from tests.support.connector import own_world

SCRIPT = """
import os, sys
import psutil
import spark_connector

try:
    spark_connector.connect("local-smal")
except spark_connector.errors.ConnectorError as error:
    print(str(error).splitlines()[0])
spark = spark_connector.connect("local-small", **{"spark.app.name": "script"})
print(spark.range(9).count(), spark_connector.status().lock.state)
print(*[it.pid for it in psutil.Process().children(recursive=True)])
"""


def environment(directory: Path) -> dict[str, str]:
    return {
        **os.environ,
        **own_world(directory),
        "IPYTHONDIR": str(directory / "ipython"),
    }


def test_script_connects_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error::ResourceWarning", "-c", SCRIPT],
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    refused, counted, pids = done.stdout.splitlines()
    assert refused == "No session was started: 1 problem."
    assert counted == "9 closed"
    assert pids
    started = {int(pid) for pid in pids.split()}
    left = [it for it in psutil.process_iter() if it.pid in started]
    # On a busy machine one of them was seen a moment after the script.
    assert psutil.wait_procs(left, timeout=20)[1] == []
    steps = done.stderr.splitlines()
    assert steps[0] == "Connecting with local-small."
    assert [step.split()[0] for step in steps[1:]] == ["Java", "Spark", "Verified:"]
    assert list((tmp_path / "scratch").glob("cygnet-*")) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_executed_notebook_shows_steps_and_saves_them(tmp_path: Path) -> None:
    cells = [
        "import spark_connector\n_ = spark_connector.connect('local-small')",
        "spark.range(11).count()",
    ]
    v4: Any = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in cells])
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )

    client.execute(env=environment(tmp_path))

    connected, counted = notebook.cells[0].outputs, notebook.cells[1].outputs
    assert len(connected) == 1, json.dumps(connected)[:2000]
    assert "Spark 4" in connected[0]["data"]["text/plain"]
    assert counted[0]["data"]["text/plain"] == "11"
