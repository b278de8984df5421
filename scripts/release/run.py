"""Makes a release in `dist`, and pushes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.release import chart, check, checksum, image, sbom, tool, tree
from scripts.release.plan import IMAGES, SUMS, Plan
from scripts.release.tree import ROOT
from tests.cluster.node.program import ClusterError
from tests.cluster.node.progress import PROGRESS

DIST = ROOT / "dist"


def make(plan: Plan, epoch: int) -> None:
    """Make all files of a plan, and nothing else in its folder."""
    shutil.rmtree(plan.folder, ignore_errors=True)
    plan.folder.mkdir()
    with PROGRESS.step("building wheel and source distribution"):
        build(plan.folder, epoch)
    with PROGRESS.step("packing the chart"):
        chart.pack(plan.folder, tool.helm(), epoch)
    image.build()
    for name in IMAGES:
        with PROGRESS.step(f"writing the archive of the image {name}"):
            image.write(plan, name)
    with PROGRESS.step("building Syft"):
        syft = tool.syft()
    for artefact in plan.artefacts:
        with PROGRESS.step(f"listing what is in {artefact.name}"):
            sbom.write(artefact, plan.version, syft)
    with PROGRESS.step("writing the checksums"):
        checksum.write(plan.folder / SUMS, plan.files)


def build(folder: Path, epoch: int) -> None:
    """Build wheel and source distribution, with the commit's time in both."""
    uv = Path(sys.executable).with_name("uv")
    command = (uv, "build", "--quiet", "--out-dir", folder)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    # uv's own, for a folder that it has made itself.
    (folder / ".gitignore").unlink(missing_ok=True)


def main() -> int:
    """Make the release, or report what failed."""
    if check.main():
        return 1
    state = tree.read()
    plan = Plan(state.version, DIST)
    PROGRESS.title = "release"
    try:
        with PROGRESS.shown():
            make(plan, state.epoch)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        sys.exit(f"`{command}` failed; its messages are above. No release is made.")
    except ClusterError as error:
        sys.exit(f"{error}\nNo release is made.")
    print(f"Version {plan.version} is in {plan.folder}; nothing was pushed:")
    for file in (*plan.files, plan.folder / SUMS):
        print(f"  {file.stat().st_size / 1e6:8.1f} MB  {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
