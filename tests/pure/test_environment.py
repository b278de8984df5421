import os
from pathlib import Path

import pytest

from spark_connector.environment import (
    exported,
    java_environment,
    prepare_process,
    read_environment,
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SPARK_", "PYSPARK_", "CYGNET_", "JAVA_", "JPY_")):
            monkeypatch.delenv(name)


def test_limits_of_the_form_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYGNET_SPARK_CORES", "1")
    monkeypatch.setenv("CYGNET_SPARK_MEMORY", "2g")

    capacity = read_environment().capacity

    assert (capacity.cores_limit, capacity.memory_limit) == (1, "2g")
    assert capacity.cores >= 1
    assert capacity.memory > 2**28


def test_folders_and_the_notebooks_name_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CYGNET_BUNDLES", f"/a{os.pathsep}/b{os.pathsep}")
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ada/flights.ipynb")

    found = read_environment()

    assert found.bundle_folders == (Path("/a"), Path("/b"))
    assert found.session_name == "flights"


def test_configuration_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_environment().spark_conf is None

    monkeypatch.setenv("SPARK_HOME", "/spark")
    assert read_environment().spark_conf == Path("/spark/conf/spark-defaults.conf")

    monkeypatch.setenv("SPARK_CONF_DIR", "/conf")
    assert read_environment().spark_conf == Path("/conf/spark-defaults.conf")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPARK_REMOTE", "sc://x"),
        ("SPARK_CONNECT_MODE_ENABLED", "1"),
        ("SPARK_API_MODE", "connect"),
    ],
)
def test_variables_for_spark_connect_are_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert read_environment().remote == (name,)


def test_java_gets_nothing_that_could_set_spark_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_LOCAL_IP", "MASTER"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("FINE", "kept")

    env = java_environment(Path("/java"), "127.0.0.1")

    assert "theirs" not in env.values()
    assert env["FINE"] == "kept"
    assert env["JAVA_HOME"] == "/java"
    assert env["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert (Path(env["SPARK_CONF_DIR"]) / "log4j2.properties").is_file()


def test_start_script_gets_no_foreign_code(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("BASH_ENV", "ENV", "PS4", "CLASSPATH", "BASH_FUNC_exec%%", "LD_PRELOAD")
    for name in (*names, "LD_LIBRARY_PATH", "SHELLOPTS"):
        monkeypatch.setenv(name, "theirs")

    assert "theirs" not in java_environment(Path("/java"), "127.0.0.1").values()
    assert read_environment().library_path == "theirs"


def test_exported_variables_are_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD", "1")
    monkeypatch.delenv("NEW", raising=False)

    with exported({"OLD": "2", "NEW": "3"}):
        assert (os.environ["OLD"], os.environ["NEW"]) == ("2", "3")

    assert os.environ["OLD"] == "1"
    assert "NEW" not in os.environ


def test_prepared_process_finds_java_and_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("PYSPARK_PYTHON", "chosen")

    prepare_process()

    assert (Path(os.environ["JAVA_HOME"]) / "bin" / "java").is_file()
    assert os.environ["PYSPARK_PYTHON"] == "chosen"
