"""Notebooks run without any front end: nothing breaks, and the summary is saved."""

import json
import os
import subprocess
import sys
from pathlib import Path

import papermill
import pytest

from spark_monitor.frame import SavedCell
from spark_monitor.wire import decode
from tests.support.monitored import MAKE_SESSION, MIME_TYPE
from tests.support.quick_java import quick_java
from tests.support.source import ROOT

CONNECT = """
import spark_connector
spark = spark_connector.connect("local-small")
"""
CELLS = (
    "%load_ext spark_monitor\n%load_ext spark_connector",
    MAKE_SESSION,
    "sc.setJobDescription('<i>Zähler</i>')\nsc.parallelize(range(6), 3).count()",
    "print('no Spark here')",
    "spark.stop()",
)


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JAVA_HOME", str(quick_java(tmp_path)))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    path = tmp_path / "book.ipynb"
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "source": code,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for number, code in enumerate(CELLS)
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    book = {
        "cells": cells,
        "metadata": {"kernelspec": kernelspec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(book))
    return path


def check(path: Path) -> None:
    """Look for the summary where it belongs, and for trouble anywhere."""
    cells = json.loads(path.read_text())["cells"]
    assert len(cells) == len(CELLS)
    bundles = [
        [output["data"] for output in cell["outputs"] if "data" in output]
        for cell in cells
    ]
    assert [sum(MIME_TYPE in it for it in cell) for cell in bundles] == [0, 0, 1, 0, 0]
    (bundle,) = (it for it in bundles[2] if MIME_TYPE in it)
    saved = decode(SavedCell, bundle[MIME_TYPE])
    assert (saved.cell.state, saved.cell.tasks.succeeded) == ("succeeded", 3)
    assert "<table" in "".join(bundle["text/html"])
    assert "".join(bundle["text/plain"]).startswith("Spark: 1 job, 1 stage, 3 tasks")
    streams = "".join(
        "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream"
    )
    assert "no Spark here" in streams
    assert "spark_monitor" not in streams
    assert not any(
        output["output_type"] == "error" for cell in cells for output in cell["outputs"]
    )


def test_papermill_saves_the_summary_of_a_session_of_connect(notebook: Path) -> None:
    text = notebook.read_text()
    ours = text.replace(json.dumps(MAKE_SESSION), json.dumps(CONNECT))
    assert ours != text
    notebook.write_text(ours)
    done = notebook.with_name("done.ipynb")

    papermill.execute_notebook(notebook, done, progress_bar=False)

    check(done)
    steps = json.loads(done.read_text())["cells"][1]["outputs"]
    assert "authenticated and encrypted" in "".join(steps[0]["data"]["text/plain"])


def test_nbconvert_saves_the_summary_and_shows_a_table(notebook: Path) -> None:
    def convert(*arguments: str | Path) -> None:
        command = [sys.executable, "-m", "nbconvert", *arguments]
        subprocess.run(command, cwd=notebook.parent, capture_output=True, check=True)

    convert("--to", "notebook", "--execute", "--output", "done.ipynb", notebook)
    check(notebook.with_name("done.ipynb"))

    convert("--to", "html", notebook.with_name("done.ipynb"))
    page = notebook.with_name("done.html").read_text()
    assert "Spark: 1 job, 1 stage, 3 tasks" in page
    assert "&lt;i&gt;Zähler&lt;/i&gt;" in page
    assert "<i>Zähler</i>" not in page
