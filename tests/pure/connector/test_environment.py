import os
import sys
from pathlib import Path

import pytest

from spark_connector.environment import (
    exported,
    java_environment,
    leave_out_relative,
    prepare_process,
    read_environment,
)
from spark_connector.search_path import LEFT_OUT


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
    for name in (
        *("PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_LOCAL_IP", "MASTER"),
        *("SPARK_LOCAL_DIRS", "SPARK_USER", "SPARK_OF_TOMORROW", "DEPLOY_MODE"),
    ):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-Dchecked=elsewhere")
    monkeypatch.setenv("PYSPARK_YM_INTERVAL_LEGACY", "1")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("FINE", "kept")

    env = java_environment(Path("/java"), "127.0.0.1")

    assert "theirs" not in env.values()
    assert env["FINE"] == "kept"
    assert env["SPARK_SUBMIT_OPTS"] == "-Dchecked=elsewhere"
    assert env["PYSPARK_YM_INTERVAL_LEGACY"] == "1"
    assert env["LC_ALL"] == "C.UTF-8"
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


def test_prepared_process_finds_java_spark_and_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = tmp_path / "chosen"
    chosen.symlink_to(sys.executable)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("SPARK_HOME", "")
    monkeypatch.setenv("PYSPARK_PYTHON", str(chosen))
    monkeypatch.setenv(LEFT_OUT, "")

    prepare_process()

    assert (Path(os.environ["JAVA_HOME"]) / "bin" / "java").is_file()
    assert (Path(os.environ["SPARK_HOME"]) / "bin" / "spark-submit").is_file()
    assert os.environ["PYSPARK_PYTHON"] == str(chosen)
    (told,) = read_environment().left_out
    assert told.startswith("JAVA_HOME=/nowhere is not used: there is no Java 17")


def test_what_cannot_work_is_replaced_and_reported_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setenv("PYSPARK_PYTHON", "/nowhere/python2.7")
    monkeypatch.setenv("PYTHONHASHSEED", "random")
    monkeypatch.setenv("HADOOP_CONF_DIR", "/nowhere/hadoop")
    monkeypatch.setenv("SPARK_DRIVER_MEMORY", "9g")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv(LEFT_OUT, "")

    prepare_process()
    prepare_process()

    assert os.environ["PYSPARK_PYTHON"] == sys.executable
    assert "PYTHONHASHSEED" not in os.environ
    told = [it.partition(":")[0] for it in read_environment().left_out]
    assert told == [
        "PYSPARK_PYTHON=/nowhere/python2.7 is not used",
        f"SPARK_HOME={tmp_path} is not used",
        "SPARK_DRIVER_MEMORY is not used",
        "PYTHONSAFEPATH is set",
        "HADOOP_CONF_DIR=/nowhere/hadoop is not used",
    ]


def test_kernel_forgets_what_is_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = str(tmp_path / "mine")
    others = [mine, *sys.path]
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "lib"), *others])
    monkeypatch.setenv("PYTHONPATH", f":lib:{mine}")
    monkeypatch.setenv("JAVA_HOME", "jdk")
    monkeypatch.setenv(LEFT_OUT, "Before.")

    leave_out_relative()

    assert sys.path == others
    assert os.environ["PYTHONPATH"] == mine
    assert "JAVA_HOME" not in os.environ
    told = read_environment().left_out
    assert [it.partition(":")[0] for it in told] == [
        "Before.",
        "PYTHONPATH",
        "JAVA_HOME",
    ]
