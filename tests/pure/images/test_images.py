"""What the files of the images promise, without building them."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from cygnet_hub.spawn import rescue

from scripts import write_locks
from tests.support.source import ROOT

IMAGES = ROOT / "images"
DOCKERFILES = sorted(IMAGES.glob("*/Dockerfile"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXECUTOR = IMAGES / "user/files/bin/executor"
VARIABLES = {
    "SPARK_DRIVER_URL": "spark://driver:7100",
    "SPARK_EXECUTOR_ID": "3",
    "SPARK_EXECUTOR_CORES": "2",
    "SPARK_EXECUTOR_MEMORY": "1024m",
    "SPARK_APPLICATION_ID": "spark-1",
    "SPARK_EXECUTOR_POD_IP": "10.1.2.3",
    "SPARK_RESOURCE_PROFILE_ID": "0",
    "SPARK_EXECUTOR_POD_NAME": "flights-exec-3",
    "SPARK_HOME": "/spark",
}
PARTS = (
    *("image.json", "packages-key", "examples/flights.ipynb"),
    *("kernel/bin/python", "java/bin/java", "spark/jars/spark-core.jar"),
)
"""What the entrypoint looks for below its directory."""


def folder(path: Path) -> str:
    return path.parent.name


def locked(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", DOCKERFILES, ids=folder)
def test_image_takes_a_base_and_drops_root(path: Path) -> None:
    text = path.read_text()

    assert "ARG BASE=docker.io/library/debian:bookworm-slim\n" in text
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) <= {"${BASE}", "build"}
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["1000:1000"]


@pytest.mark.parametrize("path", DOCKERFILES, ids=folder)
def test_image_has_the_version_of_the_project(path: Path) -> None:
    version = PROJECT["version"]
    text = path.read_text()

    assert f'org.opencontainers.image.version="{version}"' in text
    assert set(re.findall(r"cygnet-(\d[\d.]*)-", text)) <= {version}


@pytest.mark.parametrize("path", DOCKERFILES, ids=folder)
def test_image_installs_only_what_has_a_hash(path: Path) -> None:
    commands = path.read_text().replace("\\\n", " ").splitlines()
    installs = [it for it in commands if "pip install" in it]

    assert all("--require-hashes" in it or "--no-deps" in it for it in installs)
    assert installs


@pytest.mark.parametrize("lock", write_locks.LOCKS, ids=lambda it: it.file.stem)
def test_lock_has_what_is_asked_for(lock: write_locks.Lock) -> None:
    wishes = lock.wishes.read_text().splitlines() if lock.wishes else []
    wishes += [*PROJECT["dependencies"]] if lock.extras else []
    for extra in lock.extras:
        wishes += PROJECT["optional-dependencies"][extra]
    names = {it[0] for it in map(re.compile(r"[\w-]+").match, wishes) if it}

    assert names - set(lock.without) <= set(locked(lock.file))
    assert not set(lock.without) & set(locked(lock.file))


@pytest.mark.parametrize("lock", write_locks.LOCKS, ids=lambda it: it.file.stem)
def test_lock_is_written_by_its_command_alone(lock: write_locks.Lock) -> None:
    text = lock.file.read_text()

    assert "python -m scripts.write_locks" in text
    assert not re.search(r"^--|://", text, re.MULTILINE)
    assert text.count("--hash=sha256:") >= len(locked(lock.file)) > 0


def test_locks_have_one_jupyterhub_and_the_labels_spark() -> None:
    hub, lab, kernel = (
        locked(IMAGES / it)
        for it in ("hub/requirements.txt", "user/lab.txt", "user/kernel.txt")
    )
    label = f'org.cygnet.spark="{kernel["pyspark"]}"'

    assert hub["jupyterhub"] == lab["jupyterhub"]
    assert label in (IMAGES / "user/Dockerfile").read_text()


def test_proxy_comes_from_the_public_registry() -> None:
    lock = json.loads((IMAGES / "proxy/package-lock.json").read_text())
    packages = [it for name, it in lock["packages"].items() if name]

    assert packages
    for package in packages:
        assert package["resolved"].startswith("https://registry.npmjs.org/")
        assert package["integrity"]


def executor(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the executor's script with a Java that tells its arguments."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    env = {"PATH": os.environ["PATH"], "JAVA_HOME": str(tmp_path), **variables}
    return subprocess.run(
        ["sh", EXECUTOR], env=env, capture_output=True, text=True, check=False
    )


def test_executor_is_started_as_spark_expects(tmp_path: Path) -> None:
    options = {"SPARK_JAVA_OPT_0": "-Da=b c", "SPARK_JAVA_OPT_1": "-Dd='$HOME\"'"}

    told = executor(tmp_path, **VARIABLES, **options).stdout.splitlines()

    assert told == [
        *options.values(),
        *("-Xms1024m", "-Xmx1024m", "-cp", "/spark/conf:/spark/jars/*"),
        "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
        *("--driver-url", "spark://driver:7100", "--executor-id", "3"),
        *("--cores", "2", "--app-id", "spark-1", "--hostname", "10.1.2.3"),
        *("--resourceProfileId", "0", "--podName", "flights-exec-3"),
    ]


def test_executor_finds_configuration_and_more_jars(tmp_path: Path) -> None:
    more = {
        "SPARK_CONF_DIR": "/conf",
        "SPARK_CLASSPATH": "/ours.jar",
        "SPARK_EXTRA_CLASSPATH": "/more.jar",
    }

    told = executor(tmp_path, **VARIABLES, **more).stdout.splitlines()

    place = told[told.index("-cp") + 1]
    assert place == "/conf:/ours.jar:/spark/jars/*:/more.jar"


@pytest.mark.parametrize("name", [it for it in VARIABLES if it != "SPARK_HOME"])
def test_executor_names_what_spark_did_not_set(tmp_path: Path, name: str) -> None:
    variables = {k: v for k, v in VARIABLES.items() if k != name}

    done = executor(tmp_path, **variables)

    assert done.returncode != 0
    assert name in done.stderr


def entrypoint(
    tmp_path: Path, *arguments: str, lab: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the entrypoint in a copy of the image's directory, with a tini that tells."""
    root, programs = tmp_path / "cygnet", tmp_path / "bin"
    tell = '#!/bin/sh\nprintf \'%s\\n\' "$PATH" "$@"\n'
    files = {
        **dict.fromkeys((root / it for it in PARTS), ""),
        **dict.fromkeys((root / "lab/bin" / it for it in lab), tell),
        programs / "tini": tell,
        programs / "other": tell,
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    script = (IMAGES / "user/files/bin/entrypoint").read_text()
    (root / "entrypoint").write_text(script.replace("/opt/cygnet", str(root)))
    env = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "JAVA_HOME": str(root / "java"),
        "SPARK_HOME": str(root / "spark"),
        "CYGNET_TERMINATION_LOG": str(tmp_path / "log"),
        **variables,
    }
    return subprocess.run(
        ["sh", root / "entrypoint", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("jupyterhub-singleuser", "--debug")])
def test_server_is_started_by_its_full_path(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = entrypoint(tmp_path, *arguments, lab=("jupyterhub-singleuser",))

    path, *words = done.stdout.splitlines()
    server = str(tmp_path / "cygnet/lab/bin/jupyterhub-singleuser")
    assert words == ["-s", "--", server, *arguments[1:]]
    assert "lab" not in path


def test_program_of_an_own_image_is_found_in_its_path(tmp_path: Path) -> None:
    done = entrypoint(tmp_path, "other", "-v")

    assert done.stdout.splitlines()[1:] == [
        "-s",
        "--",
        str(tmp_path / "bin/other"),
        "-v",
    ]


def test_missing_program_is_named(tmp_path: Path) -> None:
    done = entrypoint(tmp_path, "no-such-program")

    assert done.returncode == 78
    assert (tmp_path / "log").read_text() == (
        "cygnet: the image has no program no-such-program\n"
    )


def test_reset_moves_what_is_there_and_deletes_nothing(tmp_path: Path) -> None:
    kept = {
        ".jupyter/jupyter_server_config.py": "raise SystemExit",
        ".local/share/jupyter/kernels/own/kernel.json": "{",
        ".local/share/other/file": "not Jupyter's",
        "work/notebook.ipynb": "{}",
    }
    for name, text in kept.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".ipython").symlink_to("nowhere")

    done = entrypoint(tmp_path, "other", CYGNET_MOVE_ASIDE=":".join(rescue.MOVED))

    assert done.returncode == 0, done.stderr
    (aside,) = tmp_path.glob("moved-aside-*")
    for name, text in kept.items():
        is_moved = name.startswith((".jupyter", ".local/share/jupyter"))
        assert (tmp_path / name).exists() is not is_moved
        assert ((aside if is_moved else tmp_path) / name).read_text() == text
    assert (aside / ".ipython").is_symlink()
    assert done.stderr == ""


def test_start_without_a_reset_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / ".jupyter").mkdir()

    entrypoint(tmp_path, "other")

    assert (tmp_path / ".jupyter").is_dir()
    assert not [*tmp_path.glob("moved-aside-*")]


def test_path_of_kernels_does_not_lead_to_the_server() -> None:
    text = (IMAGES / "user/Dockerfile").read_text()

    (path,) = re.findall(r"^ENV PATH=(\S+)", text, re.MULTILINE)
    assert path.split(":")[0] == "/opt/cygnet/kernel/bin"
    assert "/opt/cygnet/lab" not in path
