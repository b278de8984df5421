from pathlib import Path

import pytest
from cygnet_lab.share import turn
from cygnet_lab.share.errors import OccupiedError
from cygnet_lab.share.folder import OWN, Folder


def test_one_server_at_a_time_works_on_a_folder(tmp_path: Path) -> None:
    (tmp_path / OWN).mkdir()
    with Folder.open(tmp_path, "") as one, Folder.open(tmp_path, "") as other:
        with turn.take(one), pytest.raises(OccupiedError):
            turn.take(other)
        with turn.take(other):
            pass


def test_folder_without_a_marker_is_free(tmp_path: Path) -> None:
    with Folder.open(tmp_path, "") as folder, turn.take(folder), turn.take(folder):
        pass
    assert not (tmp_path / OWN).exists()
