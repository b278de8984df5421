"""Which Spark and which Python count, of those that the environment names."""

import importlib.util
import sys
from pathlib import Path

import pytest

from spark_connector.runtime import spark_home, worker_python

OURS = "{}.{}".format(*sys.version_info)


def program(path: Path, says: str, code: int = 0) -> str:
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def spark(home: Path, version: str) -> Path:
    for file in ("bin/spark-submit", f"jars/spark-core_2.13-{version}.jar"):
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).touch()
    return home


def test_python_is_the_kernels_own_unless_one_is_named() -> None:
    assert worker_python("").value == sys.executable
    assert worker_python(sys.executable).reason == ""


def test_named_python_of_the_same_version_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program(tmp_path / "mine", OURS)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert worker_python(named) == worker_python(named)
    assert worker_python(named).value == named
    assert worker_python("mine").value == "mine"
    assert worker_python("mine").reason == ""


@pytest.mark.parametrize(
    ("says", "code", "reason"),
    [
        ("3.1", 0, f"it is Python 3.1, and this kernel runs Python {OURS}"),
        ("", 2, "it does not run as Python 3 does"),
        (OURS, 1, "it does not run as Python 3 does"),
    ],
)
def test_python_that_cannot_work_is_replaced(
    tmp_path: Path, says: str, code: int, reason: str
) -> None:
    chosen = worker_python(program(tmp_path / "mine", says, code))

    assert chosen.value == sys.executable
    assert chosen.reason.startswith(reason)


def test_python_that_is_not_there_is_replaced(tmp_path: Path) -> None:
    chosen = worker_python(str(tmp_path / "python2.7"))

    assert chosen.value == sys.executable
    assert chosen.reason == "there is no such program"


def test_spark_is_pysparks_own_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lies above the working directory is nobody's choice.
    spark(tmp_path, "4.3.0")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None

    chosen = spark_home("", "4.3.0")

    assert chosen.value == str(Path(spec.origin).parent)
    assert chosen.reason == ""


def test_named_spark_of_the_same_line_is_used(tmp_path: Path) -> None:
    home = str(spark(tmp_path, "4.3.1-site.7"))

    assert spark_home(home, "4.3.0").value == home


@pytest.mark.parametrize(
    ("version", "reason"),
    [("3.5.1", "it is not Spark 4.3, as pyspark is here"), ("", "there is no Spark")],
)
def test_spark_that_cannot_work_is_replaced(
    tmp_path: Path, version: str, reason: str
) -> None:
    home = spark(tmp_path, version) if version else tmp_path

    chosen = spark_home(str(home), "4.3.0")

    assert chosen.value != str(home)
    assert chosen.reason == reason
