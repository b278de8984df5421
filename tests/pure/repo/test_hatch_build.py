"""The build hook: it builds what is missing and asks for tools only then."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hatchling.metadata.core import ProjectMetadata

from hatch_build import ARTEFACTS, Artefact, ArtefactHook
from tests.support.source import ROOT

PATHS = [it.path for it in ARTEFACTS]
SCRIPT = """
import pathlib, sys
print("building", file=sys.stderr)
path = pathlib.Path({path!r})
path.parent.mkdir(parents=True)
path.touch()
"""


def hook(root: Path) -> ArtefactHook:
    metadata: ProjectMetadata[Any] = ProjectMetadata(str(root), None)
    return ArtefactHook(str(root), {}, None, metadata, "", "wheel")


def write(root: Path, name: str, text: str = "") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_nothing_is_needed_where_all_is_built(tmp_path: Path) -> None:
    for path in PATHS:
        write(tmp_path, path)

    assert hook(tmp_path).dependencies() == []
    hook(tmp_path).initialize("standard", {})


@pytest.mark.parametrize("missing", ARTEFACTS, ids=lambda it: it.path)
def test_tools_of_a_missing_artefact_are_build_requirements(
    missing: Artefact, tmp_path: Path
) -> None:
    for path in set(PATHS) - {missing.path}:
        write(tmp_path, path)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

    assert hook(tmp_path).dependencies() == list(missing.requirements)
    assert set(missing.requirements) <= set(groups["build"])


def test_what_is_missing_is_built_by_its_script(tmp_path: Path) -> None:
    for artefact in ARTEFACTS:
        write(tmp_path, artefact.script, SCRIPT.format(path=artefact.path))

    hook(tmp_path).initialize("editable", {})

    assert all((tmp_path / path).exists() for path in PATHS)


def test_build_ends_with_the_code_of_a_script_that_failed(tmp_path: Path) -> None:
    write(tmp_path, ARTEFACTS[0].script, "raise SystemExit(2)")

    with pytest.raises(SystemExit) as ended:
        hook(tmp_path).initialize("standard", {})

    assert ended.value.code == 2
