import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_connector.properties import format_properties, private_directory
from spark_connector.setting import Setting
from spark_connector.spark_defaults import parse_defaults

PLAIN = st.characters(max_codepoint=0xD7FF)


@given(st.text(PLAIN, min_size=1).filter(lambda t: t == t.strip()))
def test_value_can_never_become_a_second_setting(value: str) -> None:
    text = format_properties([Setting("spark.a", value, "x")])

    assert text.isascii()
    assert text.count("\n") == 1
    assert [(s.key, s.value) for s in parse_defaults(text, "f")] == [("spark.a", value)]


def test_file_is_private_and_gone_afterwards() -> None:
    with private_directory([Setting("spark.a", "1", "x")]) as directory:
        path = directory / "spark.properties"
        assert path.read_text() == "spark.a=1\n"
        assert path.stat().st_mode & 0o777 == 0o600
        assert directory.stat().st_mode & 0o777 == 0o700

    assert not directory.exists()


def test_file_is_gone_after_an_interrupt_too() -> None:
    with pytest.raises(KeyboardInterrupt), private_directory([]) as directory:
        raise KeyboardInterrupt

    assert not directory.exists()


HOLD = """
import sys
from spark_connector.properties import private_directory
with private_directory([]) as directory:
    print(directory, flush=True)
    sys.stdin.read()
"""


def test_leftover_of_a_killed_process_is_removed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    stranger = tmp_path / "cygnet-connect-link"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "spark.properties").touch()
    stranger.symlink_to(elsewhere)
    just_made = tmp_path / "cygnet-connect-new"
    just_made.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as held:
        assert held.stdout is not None
        theirs = Path(held.stdout.readline().decode().strip())

        with private_directory([]):
            assert (theirs / "spark.properties").exists()
        held.send_signal(signal.SIGKILL)
        held.wait()
        assert theirs.exists()
        with private_directory([]):
            assert not theirs.exists()

    assert just_made.exists()
    assert (elsewhere / "spark.properties").exists()
