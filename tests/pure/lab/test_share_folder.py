import os
from pathlib import Path

import pytest
from cygnet_lab.share.folder import Folder


def test_folder_that_another_file_makes_meanwhile_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = os.mkdir

    def make_after_another(name: str, *, dir_fd: int) -> None:
        make(name, dir_fd=dir_fd)
        make(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "mkdir", make_after_another)
    with Folder.open(tmp_path, "a/b", make=True):
        pass

    assert (tmp_path / "a/b").is_dir()
