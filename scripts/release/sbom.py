"""Writes what an artefact consists of as a CycloneDX document, by Syft.

An image's archive has all of it inside. A wheel has no more than the project's own
files, so that the versions join in to which its requirements resolve on this day.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.release.plan import sbom_of
from scripts.release.tree import ROOT

EXTRAS = ("hub", "kubernetes", "lab", "spark")
"""All that users install of the project; the other extras are for its developers."""


def write(artefact: Path, version: str, syft: Path) -> None:
    """Write the SBOM of an artefact next to it."""
    if artefact.name.endswith(".oci.tar"):
        _scan(syft, f"oci-archive:{artefact}", artefact, version)
        return
    with tempfile.TemporaryDirectory(prefix="cygnet-sbom-") as folder:
        if artefact.suffix == ".whl":
            shutil.unpack_archive(artefact, folder, "zip")
            _resolve(Path(folder) / "requirements.txt")
        else:
            shutil.unpack_archive(artefact, folder, "gztar", filter="data")
        _scan(syft, f"dir:{folder}", artefact, version)


def _resolve(target: Path) -> None:
    """Write the versions that an installation takes now."""
    uv = Path(sys.executable).with_name("uv")
    command: list[str | Path] = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--no-annotate",
        "--no-header",
    ]
    command += [f"--extra={it}" for it in EXTRAS]
    command += ["--output-file", target, "pyproject.toml"]
    subprocess.run(command, cwd=ROOT, check=True)


def _scan(syft: Path, source: str, artefact: Path, version: str) -> None:
    command: list[str | Path] = [syft, "scan", source, "--quiet"]
    command += [f"--source-name={artefact.name}", f"--source-version={version}"]
    command += ["--output", f"cyclonedx-json={sbom_of(artefact)}"]
    more = {
        "SYFT_CHECK_FOR_APP_UPDATE": "false",
        # Packages alone: thousands of files of an image say no version.
        "SYFT_FILE_METADATA_SELECTION": "none",
    }
    subprocess.run(command, env={**os.environ, **more}, check=True)
