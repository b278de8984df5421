"""Packs the chart; the same commit gives the same bytes."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from scripts.release.tree import ROOT


def pack(folder: Path, helm: Path, epoch: int) -> None:
    """Pack the chart into a folder, with the commit's time as that of each file."""
    with tempfile.TemporaryDirectory(prefix="cygnet-chart-") as name:
        copy = Path(name) / "cygnet"
        shutil.copytree(ROOT / "helm/cygnet", copy)
        for path in (copy, *copy.rglob("*")):
            os.utime(path, (epoch, epoch))
        command = (helm, "package", copy, "--destination", folder)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
