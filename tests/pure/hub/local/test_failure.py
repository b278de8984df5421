import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import failure, log_file, process_tree, server_process
from cygnet_hub.local.errors import LaunchError
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn.failure import LINE_LENGTH, LOG_LINES, last_lines

DATA = Path("/data")
PLACE = DataDirectory(DATA)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_named_with_a_remedy(code: int) -> None:
    why = failure.of_os_error(OSError(code, os.strerror(code)), DATA)

    assert why.reason == "The disk that holds /data is full."
    assert why.remedy == "Free some space there, then start again."


def test_other_refusals_name_place_and_reason() -> None:
    why = failure.of_os_error(PermissionError(13, "Permission denied"), DATA)

    assert why.reason == "/data cannot be used: permission denied."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "ended with exit code 3"),
        (0, "ended with exit code 0"),
        (-9, "was killed by SIGKILL"),
        (-99, "was killed by signal 99"),
        (None, "server ended while"),
    ],
)
def test_exit_is_put_into_words(code: int | None, words: str) -> None:
    assert words in failure.of_exit(code, "", PLACE).reason


def test_exit_shows_the_end_of_the_log() -> None:
    log = "\n".join(f"line {n}\n" for n in range(100)) + "\x1b[31m" + "x" * 999

    lines = failure.of_exit(1, log, PLACE).log

    assert len(lines) == LOG_LINES
    assert lines[0] == "line 89"
    assert len(lines[-1]) == LINE_LENGTH
    assert lines[-1].startswith("x")
    assert lines[-1].endswith("…")


def test_exit_for_want_of_space_or_port_says_so() -> None:
    full = failure.of_exit(1, "OSError: [Errno 28] No space left on device", PLACE)
    port = failure.of_exit(1, "ERROR: the port 8888 is already in use", PLACE)

    assert "full" in full.reason
    assert "port" in port.reason
    assert "another port" in port.remedy


def test_traceback_is_shortened_to_its_last_line() -> None:
    log = """[I] starting
    Traceback (most recent call last):
      File "app.py", line 3, in main
        import lab
    ModuleNotFoundError: No module named 'lab'
[E] ended"""

    assert last_lines(log) == (
        "[I] starting",
        "    ModuleNotFoundError: No module named 'lab'",
        "[E] ended",
    )


def test_time_out_names_the_time_and_the_log() -> None:
    why = failure.of_time(timedelta(seconds=90), "hello", PLACE)

    assert "90 seconds" in why.reason
    assert "/data/logs/server.log" in why.remedy
    assert why.log == ("hello",)


def test_kill_is_explained_by_memory() -> None:
    assert "memory runs out" in failure.ending(-9)
    assert "memory" not in failure.ending(1)


def test_log_is_kept_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    for text in (b"first", b"second"):
        with log_file.begin(DataDirectory(tmp_path).server_log) as log:
            log.write(text)

    file = DataDirectory(tmp_path).server_log
    assert log_file.tail(DataDirectory(tmp_path).server_log) == "second"
    assert file.with_name("server.previous.log").read_bytes() == b"first"
    assert file.stat().st_mode & 0o777 == 0o600


def test_tail_without_a_log_is_empty(tmp_path: Path) -> None:
    assert log_file.tail(DataDirectory(tmp_path).server_log) == ""


def test_full_disk_is_noticed_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    chosen = Settings.model_validate({"data_dir": tmp_path, "root_dir": tmp_path})
    server_process.check_room(chosen)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(LaunchError) as caught:
        server_process.check_room(chosen)

    assert "full" in caught.value.why.reason
    assert not [it for it in tmp_path.iterdir() if it.name.startswith(".cygnet-")]


def test_process_with_a_reused_number_is_another() -> None:
    mine = process_tree.identify(os.getpid())

    assert mine.is_running()
    assert not process_tree.Identity(mine.pid, mine.created - 1).is_running()
    assert not process_tree.Identity(2**22 - 1, mine.created).is_running()
