"""What stops a release, what it consists of, and that its checksums hold."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.release import check, checksum, plan, problem, tool, tree
from scripts.release.plan import Plan
from scripts.release.tree import Tree
from tests.support.source import ROOT

GOOD = Tree(
    versions={
        "pyproject.toml": "1.2.0",
        "extensions/package.json": "1.2.0",
        "helm/cygnet/Chart.yaml: version": "1.2.0",
    },
    changes=(),
    changelog="# Changelog\n\n# 1.2.0 — 2026-11-27\n\n- New.\n",
    fragments=(),
    epoch=1_700_000_000,
)
PLAN = Plan("1.2.0", Path("/dist"))


def places(state: Tree) -> list[str]:
    return [it.place for it in check.problems(state)]


def test_good_tree_has_no_problem() -> None:
    assert check.problems(GOOD) == []


def test_all_problems_come_at_once_with_reason_and_remedy() -> None:
    bad = replace(
        GOOD,
        versions={**GOOD.versions, "extensions/package.json": "1.1.0", "other": ""},
        changes=(" M a.py", "?? b.py", " D c.py", "?? d.py"),
        changelog="# 1.2.0.1\n",
    )

    found = check.problems(bad)

    assert [it.place for it in found] == [
        *("git", "extensions/package.json", "other", "CHANGELOG.md")
    ]
    assert "a.py, b.py, c.py and 1 more" in found[0].reason
    assert "1.1.0, and 1.2.0 in pyproject.toml" in found[1].reason
    assert "is missing" in found[2].reason
    assert all(it.remedy.endswith(".") for it in found)
    assert problem.text(found).count("\n  - ") == 4


@pytest.mark.parametrize("heading", ["## 1.2.0", "# v1.2.0", "# 1.2.0 — 2026-11-27"])
def test_entry_of_the_version_is_found(heading: str) -> None:
    assert check.has_entry(f"# Changelog\n\n{heading}\n", "1.2.0")


@pytest.mark.parametrize("text", ["# 1.2.0.1", "# 1.2.01", "# 11.2.0", "1.2.0", ""])
def test_entry_of_another_version_does_not_count(text: str) -> None:
    assert not check.has_entry(text, "1.2.0")


def test_fragments_have_to_be_collected_first() -> None:
    (found,) = check.problems(replace(GOOD, fragments=("changelog.d/1_a.md",)))

    assert "changelog.d/1_a.md" in found.reason
    assert "scriv collect" in found.remedy


def test_this_clone_is_read_as_it_is() -> None:
    state = tree.read()

    assert set(state.versions.values()) == {state.version}
    assert {it.split(":")[0] for it in state.versions} >= {
        "CITATION.cff",
        "extensions/package.json",
        "helm/cygnet/Chart.yaml",
        "images/hub/Dockerfile",
        "images/proxy/package.json",
        "images/user/Dockerfile",
    }
    assert {"images/user/Dockerfile: wheel 2", "images/hub/Dockerfile: wheel 2"} <= set(
        state.versions
    )
    assert state.epoch > GOOD.epoch


def copy_what_is_read(folder: Path) -> None:
    """Copy the files of this clone that the checks read."""
    for name in (
        "CHANGELOG.md",
        "CITATION.cff",
        "pyproject.toml",
        "extensions/package.json",
        "helm/cygnet/Chart.yaml",
        "images/proxy/package.json",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())


def test_differences_and_fragments_of_a_clone_are_seen(tmp_path: Path) -> None:
    copy_what_is_read(tmp_path)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "One")):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    clean = tree.read(tmp_path)
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d/1_new.md").write_text("- New.\n")

    dirty = tree.read(tmp_path)

    assert (clean.changes, clean.fragments) == ((), ())
    assert dirty.changes == ("?? changelog.d/",)
    assert dirty.fragments == ("changelog.d/1_new.md",)


def test_clone_that_git_does_not_read_is_a_problem(tmp_path: Path) -> None:
    copy_what_is_read(tmp_path)

    [found] = check.of_clone(tmp_path)

    assert found.place == "git"
    assert "not a git repository" in found.reason


def test_missing_tools_are_named_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tool, "PLACES", str(tmp_path))
    monkeypatch.setattr("tests.cluster.node.tool.program", lambda name: tmp_path / name)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(tool, "ROOM_GIB", (10**6, 10**6))

    found = problem.text(tool.problems())

    assert "apt-get install buildah debootstrap util-linux" in found
    assert "Go 1.26 or newer is missing" in found
    assert "Helm 4 is missing" in found
    assert "as root" in found
    assert "1000000 GiB are needed" in found


def test_check_needs_nothing_that_is_installed() -> None:
    command = [sys.executable, "-S", "-m", "scripts.release.check"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert "Traceback" not in done.stderr
    assert (done.returncode != 0) == done.stderr.startswith("No release is made:")


def test_each_artefact_has_an_sbom_and_every_file_a_checksum() -> None:
    names = [it.name for it in PLAN.files]

    assert len(PLAN.artefacts) == 6
    assert {f"{it.name}.cdx.json" for it in PLAN.artefacts} < set(names)
    assert len(set(names)) == len(names) == 12
    assert "cygnet-user-1.2.0.oci.tar" in names
    assert "cygnet-1.2.0.tgz" in names


def test_images_are_those_of_the_project() -> None:
    folders = {it.parent.name for it in ROOT.glob("images/*/Dockerfile")}

    assert set(plan.IMAGES) == folders


def test_checksums_are_what_sha256sum_accepts(tmp_path: Path) -> None:
    files = [tmp_path / "a.whl", tmp_path / "b c.tar"]
    for it in files:
        it.write_text(it.name * 1000)
    checksum.write(tmp_path / "SHA256SUMS", files)
    command = ("sha256sum", "--check", "--strict", "SHA256SUMS")

    good = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    files[1].write_text("changed")
    bad = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)

    assert (good.returncode, bad.returncode) == (0, 1)


def test_syft_is_pinned_with_a_hash() -> None:
    module = (tool.TOOLS / "go.mod").read_text()
    (version,) = {
        it.split()[-1] for it in module.splitlines() if "anchore/syft v" in it
    }

    assert f"tool {tool.SYFT}\n" in module
    sums = (tool.TOOLS / "go.sum").read_text()
    assert f"github.com/anchore/syft {version} h1:" in sums
