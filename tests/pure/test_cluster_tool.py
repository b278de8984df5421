"""The cache of the cluster's programs, with a Go that only writes a file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cluster.node import tool
from tests.cluster.node.program import ClusterError

GO = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
echo built >> "$0.log"
echo half > "$2/helm"
[ -z "$FAIL" ] || { echo no such module >&2; exit 1; }
echo whole > "$2/helm"
"""


@pytest.fixture(autouse=True)
def _go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a Go first in the path, and the cache and a module in a folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/go").write_text(GO)
    (tmp_path / "bin/go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(tool, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(tool, "TOOLS", tmp_path)
    monkeypatch.setattr(tool, "MODULES", ("helm",))
    pin(tmp_path, "v1")


def pin(folder: Path, version: str) -> None:
    (folder / "helm").mkdir(exist_ok=True)
    for name in ("go.mod", "go.sum"):
        (folder / "helm" / name).write_text(version)


def test_program_is_built_once_for_what_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.build()
    first = tool.program("helm", "helm")
    assert first.read_text() == "whole\n"

    # A second build of the same would fail.
    monkeypatch.setenv("FAIL", "1")
    tool.build()
    monkeypatch.delenv("FAIL")
    pin(tmp_path, "v2")
    tool.build()

    second = tool.program("helm", "helm")
    assert second != first
    assert second.read_text() == "whole\n"

    (tmp_path / "helm/main.go").write_text("package main")
    assert tool.program("helm", "helm") != second


def test_half_a_build_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL", "1")
    with pytest.raises(ClusterError, match="no such module"):
        tool.build()
    assert not tool.program("helm", "helm").exists()

    # One that was killed leaves its half beside, which nothing reads.
    left = tool.folder("helm").with_name(f".{tool.folder('helm').name}-1")
    left.mkdir()
    monkeypatch.delenv("FAIL")
    tool.build()

    assert tool.program("helm", "helm").read_text() == "whole\n"


def test_who_comes_second_waits_and_builds_nothing(tmp_path: Path) -> None:
    go = tmp_path / "bin/go"
    # Slow enough that both want to build.
    go.write_text(GO.replace("echo half", "sleep 0.5; echo half"))
    with ThreadPoolExecutor() as pool:
        for it in [pool.submit(tool.build) for _ in range(3)]:
            it.result()

    assert tool.program("helm", "helm").read_text() == "whole\n"
    assert (tmp_path / "bin/go.log").read_text() == "built\n"
