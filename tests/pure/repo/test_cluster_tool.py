"""The cache of the cluster's programs, with a Go that only writes a file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cluster.node import cilium_source, tool
from tests.cluster.node.program import ClusterError

GO = """#!/bin/sh
[ "$2" != download ] || { echo "{\\"Dir\\": \\"$CILIUM\\"}"; exit; }
[ "$1" = build ] || exit 0
while [ "$1" != -o ]; do shift; done
case "$2" in */) ;; *) echo whole > "$2"; exit ;; esac
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
    monkeypatch.setenv("CILIUM", str(cilium(tmp_path)))
    monkeypatch.setattr(tool, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(tool, "TOOLS", tmp_path / "tools")
    pin(tmp_path, "v1.2.3")


def cilium(folder: Path) -> Path:
    """Write as much of Cilium's source as is changed, read-only as Go keeps it."""
    source = folder / "cilium@v1"
    for name in (*cilium_source.LEFT_OUT, *cilium_source.EMPTY):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("package whole\n")
    for name, changes in cilium_source.CHANGED.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("".join(old for old, _ in changes))
    for it in sorted(source.rglob("*")):
        it.chmod(0o555 if it.is_dir() else 0o444)
    return source


def pin(folder: Path, version: str) -> None:
    (folder / "tools").mkdir(exist_ok=True)
    (folder / "tools/go.mod").write_text(f"require k8s.io/kubernetes {version}")


def test_program_is_built_once_for_what_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.build()
    first = tool.program("helm")
    assert first.read_text() == "whole\n"

    # A second build of the same would fail.
    monkeypatch.setenv("FAIL", "1")
    tool.build()
    monkeypatch.delenv("FAIL")
    pin(tmp_path, "v1.2.4")
    tool.build()

    second = tool.program("helm")
    assert second != first
    assert tool.program("helm3").read_text() == "whole\n"
    assert second.read_text() == "whole\n"

    (tmp_path / "tools/names").mkdir()
    (tmp_path / "tools/names/main.go").write_text("package main")
    assert tool.program("helm") != second


def test_half_a_build_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL", "1")
    with pytest.raises(ClusterError, match="no such module"):
        tool.build()
    assert not tool.program("helm").exists()

    # One that was killed leaves its half beside, which nothing reads.
    left = tool.folder().with_name(f".{tool.folder().name}-1")
    left.mkdir()
    monkeypatch.delenv("FAIL")
    tool.build()

    assert tool.program("helm").read_text() == "whole\n"


def test_who_comes_second_waits_and_builds_nothing(tmp_path: Path) -> None:
    go = tmp_path / "bin/go"
    # Slow enough that both want to build.
    go.write_text(GO.replace("echo half", "sleep 0.5; echo half"))
    with ThreadPoolExecutor() as pool:
        for it in [pool.submit(tool.build) for _ in range(3)]:
            it.result()

    assert tool.program("helm").read_text() == "whole\n"
    assert (tmp_path / "bin/go.log").read_text() == "built\n"


def test_source_of_cilium_is_changed_where_it_has_to_be(tmp_path: Path) -> None:
    target = tmp_path / "laid-out"

    cilium_source.lay_out(tmp_path / "cilium@v1", target)

    assert not any((target / it).exists() for it in cilium_source.LEFT_OUT)
    assert (target / "pkg/envoy/resource/envoy.go").read_text() == "package resource\n"
    for name, changes in cilium_source.CHANGED.items():
        assert (target / name).read_text() == "".join(new for _, new in changes)


def test_another_version_of_cilium_is_not_built(tmp_path: Path) -> None:
    file = tmp_path / "cilium@v1/pkg/k8s/resource/resource.go"
    file.chmod(0o644)
    file.write_text("package resource\n")

    with pytest.raises(ClusterError, match="of cilium@v1 has not once"):
        tool.build()
