"""A program of Jupyter's, run as the service runs it."""

import os
import subprocess
from pathlib import Path

import pytest
from cygnet_hub.local import program

LAST_WORDS = """
import atexit, logging, sys, threading
atexit.register(print, "called")
handler = logging.StreamHandler(sys.stdout)
handler.flush = lambda: print("flushed")
logging.getLogger().addHandler(handler)
pause = threading.Event()
thread = threading.Thread(target=lambda: (pause.wait(0.1), print("joined")))
thread.start()
"""
# The end that Python leaves nothing out of, and that takes long.
TEARDOWN = """
import os

class Kept:
    def __del__(self, write=os.write):
        write(1, b"torn down")

logging.kept = Kept()
"""


def run(
    folder: Path, code: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run code as a module, the way the hub is run."""
    (folder / "work").mkdir(exist_ok=True)
    (folder / "some_program.py").write_text(code)
    return subprocess.run(
        program.command("some_program", *arguments),
        cwd=folder / "work",
        env={**os.environ, "PYTHONPATH": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_program_is_the_main_module_with_its_own_arguments(tmp_path: Path) -> None:
    code = "import sys; print(__name__, sys.argv[1:])"

    assert run(tmp_path, code, "-f", "a b").stdout == "__main__ ['-f', 'a b']\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [("", 0), ("raise SystemExit", 0), ("raise SystemExit(3)", 3), ("1 / 0", 1)],
)
def test_exit_code_is_the_programs(tmp_path: Path, code: str, status: int) -> None:
    assert run(tmp_path, code).returncode == status


def test_failure_is_printed(tmp_path: Path) -> None:
    assert "ZeroDivisionError" in run(tmp_path, "1 / 0").stderr
    assert run(tmp_path, "raise SystemExit('no port')").stderr == "no port\n"


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)"])
def test_everything_that_waits_for_the_end_has_its_turn(
    tmp_path: Path, end: str
) -> None:
    done = run(tmp_path, LAST_WORDS + TEARDOWN + end)

    assert done.stdout.splitlines()[:2] == ["joined", "called"]
    assert "flushed" in done.stdout
    assert "torn down" not in done.stdout


def test_nothing_in_the_working_directory_is_imported(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "colorsys.py").write_text("print('shadowed')")

    assert run(tmp_path, "import colorsys").stdout == ""


def test_bytecode_is_kept_whatever_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "library.py").touch()

    run(tmp_path, "import library", PYTHONDONTWRITEBYTECODE="1")

    assert list((tmp_path / "__pycache__").glob("library.*.pyc"))


def test_libraries_do_without_what_is_left_out(tmp_path: Path) -> None:
    code = (
        "import sys, alembic.command, jupyter_events.logger\n"
        "print(sorted({'pygments.lexers', 'arrow', 'lark'} & set(sys.modules)))"
    )

    assert run(tmp_path, code).stdout == "[]\n"
