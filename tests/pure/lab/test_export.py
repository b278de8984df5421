"""What exports show of the Spark panels that a notebook has saved."""

import json
import logging
from types import SimpleNamespace
from typing import Any

import cygnet_lab
import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from traitlets.config import Config

from spark_monitor import saved_output
from spark_monitor.frame import SavedCell
from spark_monitor.wire import parse
from tests.support.source import ROOT

SAVED = (ROOT / "tests/data/monitor/saved_succeeded.json").read_text()
LINE = "Spark: 1 job, 3 stages, 210 tasks, 8.0 s, 2 cores — succeeded"
TABLE = "<table><tr><td>mine</td></tr></table>"
WITHOUT = {"enabled": True, "remove_single_output_tags": [saved_output.TAG]}


@pytest.fixture
def notebook() -> Any:  # noqa: ANN401 - nbformat has no types here.
    """Give a notebook with a saved panel and a table of the user's own."""
    panel = saved_output.bundle(parse(SavedCell, SAVED))
    outputs: list[dict[str, Any]] = [
        {"data": panel, "metadata": saved_output.METADATA},
        {"data": {"text/html": TABLE, "text/plain": "mine"}, "metadata": {}},
    ]
    cell: Any = {
        "cell_type": "code",
        "id": "cell-a",
        "source": "frame.count()",
        "metadata": {},
        "execution_count": 1,
        "outputs": [{"output_type": "display_data", **it} for it in outputs],
    }
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    made: Any = nbformat.from_dict
    return made(book)


def of_command() -> Config:
    return Config(json.loads((ROOT / "extensions/nbconvert.json").read_text()))


def of_server() -> Config:
    config = Config()
    server: Any = SimpleNamespace(
        log=logging.getLogger("cygnet-test"), config=config, identity_provider=None
    )
    cygnet_lab._load_jupyter_server_extension(server)  # noqa: SLF001 - Jupyter's name.
    return config


def exported(exporter: Any, config: Config, notebook: Any) -> str:  # noqa: ANN401 - nbconvert has no types.
    text, _ = exporter(config=config).from_notebook_node(notebook)
    return str(text)


@pytest.mark.parametrize("config", [of_command, of_server])
def test_panel_is_plain_text_in_markdown(notebook: Any, config: Any) -> None:  # noqa: ANN401 - nbconvert has no types.
    text = exported(MarkdownExporter, config(), notebook)

    assert f"    {LINE}" in text.splitlines()
    assert text.count("<table") == 1
    assert TABLE in text


def test_panel_is_a_table_in_html(notebook: Any) -> None:  # noqa: ANN401 - nbconvert has no types.
    text = exported(HTMLExporter, of_command(), notebook)

    assert LINE in text
    assert "delay by carrier" in text


@pytest.mark.parametrize("exporter", [MarkdownExporter, HTMLExporter])
def test_panel_can_be_left_out_of_an_export(notebook: Any, exporter: Any) -> None:  # noqa: ANN401 - nbconvert has no types.
    config = Config({**of_command(), "TagRemovePreprocessor": WITHOUT})

    text = exported(exporter, config, notebook)

    assert "Spark: 1 job" not in text
    assert "mine" in text
