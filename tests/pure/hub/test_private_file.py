import errno
import stat
from pathlib import Path

import pytest
from cygnet_hub import private_file
from cygnet_hub.errors import DataDirectoryError, DiskFullError


def test_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    file.chmod(0o644)

    private_file.write(file, "new")

    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_failed_write_keeps_the_old_content_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    private_file.write(file, "old")

    with pytest.raises(UnicodeEncodeError):
        private_file.write(file, "\udcff")

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_directory_becomes_private(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"
    private_file.make_directory(place)
    place.chmod(0o755)

    private_file.make_directory(place)

    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_file_in_the_place_of_a_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    with pytest.raises(DataDirectoryError, match="--data-dir"):
        private_file.make_directory(tmp_path / "a")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_want_of_space_is_recognised(code: int) -> None:
    found = private_file.explain(OSError(code, "full"), Path("/data/x"))

    assert isinstance(found, DiskFullError)
    assert "/data/x is full" in str(found)
