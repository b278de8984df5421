from pathlib import Path

import pytest
from cygnet_lab.share import marker, whereabouts
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base, Marker
from cygnet_lab.share.whereabouts import Whereabouts


def make(root: Path, place: str, share: int) -> None:
    (root / place).mkdir(parents=True)
    with Folder.open(root, place) as folder:
        mark = Marker(share, "d", "g", is_mine=True, right="own", base=Base())
        marker.write(folder, mark)


def test_folder_is_found_where_something_has_come(tmp_path: Path) -> None:
    make(tmp_path, "new/sub/work", 7)
    look = Whereabouts(tmp_path)
    before = look.nearby((7, "d"), "old/sub/work")

    look.note("new")

    assert before == []
    assert look.nearby((7, "d"), "old/sub/work") == ["new/sub/work"]
    assert look.nearby((8, "d"), "old/sub/work") == []
    look.note("../../etc")
    look.note("")
    assert look.nearby((7, "d"), "sub/work") == []


def test_folders_are_found_anywhere_but_behind_links(tmp_path: Path) -> None:
    root, outside = tmp_path / "home", tmp_path / "outside"
    make(root, "a/b/c", 7)
    make(root, "other", 8)
    make(root, ".hidden/work", 7)
    make(outside, "work", 7)
    (root / "link").symlink_to(outside)
    (root / "a" / "up").symlink_to(root)

    look = Whereabouts(root)

    assert look.anywhere((7, "d")) == ["a/b/c"]
    assert look.anywhere((9, "d")) == []


def test_search_ends_in_a_home_without_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(30):
        (tmp_path / f"{i:02}").mkdir()
    make(tmp_path, "29/work", 7)
    look = Whereabouts(tmp_path)
    found = look.anywhere((7, "d"))

    monkeypatch.setattr(whereabouts, "MOST_FOLDERS", 20)

    assert found == ["29/work"]
    assert look.anywhere((7, "d")) == []
