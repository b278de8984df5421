from pathlib import Path

import pytest
from cygnet_lab.share import marker
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base, Marker
from cygnet_lab.shared_file import POLICY, is_shared
from cygnet_share.viewer import policy


def test_file_of_a_share_is_known_however_a_path_leads_to_it(tmp_path: Path) -> None:
    inner = tmp_path / "Shared/ann/Week 1"
    inner.mkdir(parents=True)
    (inner / "a.html").touch()
    (tmp_path / "work").mkdir()
    (tmp_path / "work/link").symlink_to(inner)
    (tmp_path / "work/own.html").touch()

    for path in ("Shared/ann/Week 1/a.html", "work/link/a.html", "work/../Shared/x"):
        assert is_shared(tmp_path, tmp_path / path), path
    for path in ("work/own.html", "work/Shared/a.html", "Shared.html"):
        assert not is_shared(tmp_path, tmp_path / path), path


@pytest.mark.parametrize("is_mine", [False, True])
def test_share_of_another_is_one_wherever_it_was_moved_to(
    tmp_path: Path,
    is_mine: bool,  # noqa: FBT001 - pytest gives it by name.
) -> None:
    (tmp_path / "work/d").mkdir(parents=True)
    with Folder.open(tmp_path, "work") as folder:
        mark = Marker(1, "d", "g", is_mine=is_mine, right="edit", base=Base())
        marker.write(folder, mark)

    assert is_shared(tmp_path, tmp_path / "work/d/a.html") is not is_mine


def test_nothing_is_shared_before_the_folder_is_there(tmp_path: Path) -> None:
    assert not is_shared(tmp_path, tmp_path / "a.html")


def test_policy_allows_no_more_than_the_viewer_s() -> None:
    allowed = set(policy.HEADERS["Content-Security-Policy"].split("; "))

    assert set(POLICY.split("; ")) - allowed == {"media-src data:"}
