"""Names of tests, and the command that repeats one of them."""

import subprocess
from pathlib import Path

import pytest

from scripts.lanes.node_id import bare, file_of, repetition
from tests.support.source import ROOT

# The rule of the real Makefile, with a program that shows its arguments.
MAKEFILE = "test:\n\t@exec printf '%s\\n' $(ARGS)\n"
IDS = (
    "hub",
    "tests/hub/test_login.py::test_form",
    "tests/pure/test_x.py::test_y[127.0.0.1]",
    "tests/pure/test_x.py::test_y[two words-a*b]",
    "tests/pure/test_x.py::test_y[it's]",
    'tests/pure/test_x.py::test_y["said"]',
    "tests/pure/test_x.py::test_y[$HOME-$(shell pwd)-`pwd`]",
    "tests/pure/test_x.py::test_y[a\\nb#c;d&e|f<g>h!i~]",
    "tests/pure/test_x.py::test_y['\"$x\"']",
)


@pytest.mark.parametrize("node_id", IDS)
def test_command_repeats_exactly_one_test(node_id: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE)

    done = subprocess.run(  # noqa: S602 - The command is for a person's shell.
        repetition(node_id),
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{node_id}\n"


def test_makefile_lets_the_shell_read_the_arguments() -> None:
    assert "scripts.run_tests $(ARGS)\n" in (ROOT / "Makefile").read_text()


def test_plain_id_is_repeated_without_clutter() -> None:
    assert repetition("hub") == "make test ARGS=hub"
    assert repetition("tests/a.py::b[c d]") == "make test ARGS='\"tests/a.py::b[c d]\"'"


@pytest.mark.parametrize(
    ("node_id", "expected"),
    [
        ("tests/a.py::b@tests/a.py", "tests/a.py::b"),
        ("tests/a.py::b[c@d]@group", "tests/a.py::b[c@d]"),
        ("tests/a.py::b[c@d]", "tests/a.py::b[c@d]"),
        ("tests/a.py", "tests/a.py"),
    ],
)
def test_group_is_no_part_of_a_test(node_id: str, expected: str) -> None:
    assert bare(node_id) == expected
    assert file_of(bare(node_id)) == "tests/a.py"
