"""What the notebook server is told beside JupyterHub's own words."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cygnet_hub.local import lab_defaults
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config


def test_export_takes_no_template_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "lab"
    template.mkdir()
    (template / "conf.json").write_text(json.dumps({"base_template": "base"}))
    (template / "index.html.j2").write_text("a trap: {{ 6 * 7 }}")
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    # It has no types.
    make: Any = HTMLExporter
    exported = {}

    for name, config in {
        "plain": Config(),
        "ours": Config(lab_defaults.SERVER),
    }.items():
        exported[name], _ = make(config=config).from_notebook_node(notebook)

    assert "a trap: 42" in exported["plain"]
    assert "a trap" not in exported["ours"]


def test_arguments_say_the_same_as_the_file_of_the_image(tmp_path: Path) -> None:
    words = lab_defaults.arguments(tmp_path)

    told = {it.partition("=")[0].removeprefix("--") for it in words}
    assert told == {
        "LabApp.app_settings_dir",
        *(
            f"{section}.{it}"
            for section, its in lab_defaults.SERVER.items()
            for it in its
        ),
    }
    assert json.loads(json.dumps(lab_defaults.SERVER)) == lab_defaults.SERVER
