"""Notebooks that tests write before and read after a person worked with them."""

import json
from pathlib import Path
from typing import Any, cast

SPARK = "application/vnd.cygnet.spark+json"


def write(path: Path, *sources: str, kernel: str = "python3") -> Path:
    """Write a notebook of code cells without outputs."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**notebook, "cells": cells}))
    return path


def outputs(path: Path, cell: int) -> list[dict[str, Any]]:
    """Return what is saved below a cell, counted from 0."""
    notebook = json.loads(path.read_text())
    return cast("list[dict[str, Any]]", notebook["cells"][cell].get("outputs", []))


def spark_outputs(path: Path, cell: int) -> list[dict[str, Any]]:
    """Return the saved Spark summaries below a cell."""
    return [
        output["data"][SPARK]
        for output in outputs(path, cell)
        if SPARK in output.get("data", {})
    ]


def lose_kernel(path: Path) -> None:
    """Let a saved notebook ask for a kernel and a language that nobody has."""
    notebook = json.loads(path.read_text())
    name = "a-kernel-that-is-not-there"
    notebook["metadata"] = {
        "kernelspec": {"name": name, "display_name": name, "language": "none"},
        "language_info": {"name": "none"},
    }
    path.write_text(json.dumps(notebook))


def errors(path: Path) -> list[str]:
    """Return the errors that are saved in a notebook."""
    return [
        f"{output['ename']}: {output['evalue']}"
        for cell in json.loads(path.read_text())["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]


def execution_counts(path: Path) -> list[int | None]:
    """Return the execution counts of the code cells."""
    cells = json.loads(path.read_text())["cells"]
    return [it["execution_count"] for it in cells if it["cell_type"] == "code"]
