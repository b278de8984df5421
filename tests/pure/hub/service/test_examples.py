from pathlib import Path

import pytest
from cygnet_hub.service import examples


@pytest.fixture
def source(tmp_path: Path) -> Path:
    place = tmp_path / "source"
    (place / "bundles").mkdir(parents=True)
    (place / "a.ipynb").write_text("new")
    (place / "bundles" / "b.yaml").write_text("new")
    (place / ".ipynb_checkpoints").mkdir()
    (place / ".ipynb_checkpoints" / "a.ipynb").write_text("old")
    return place


def test_absent_files_are_copied_and_hidden_ones_are_not(
    source: Path, tmp_path: Path
) -> None:
    copied = examples.copy_absent(source, tmp_path / "target")

    assert list(copied) == [Path("a.ipynb"), Path("bundles/b.yaml")]
    files = {it for it in (tmp_path / "target").rglob("*") if it.is_file()}
    assert len(files) == 2


def test_file_that_is_there_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "a.ipynb").write_text("mine")

    copied = examples.copy_absent(source, target)

    assert list(copied) == [Path("bundles/b.yaml")]
    assert (target / "a.ipynb").read_text() == "mine"


def test_dangling_link_is_left_alone(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "a.ipynb").symlink_to(tmp_path / "nowhere")

    examples.copy_absent(source, target)

    assert not (tmp_path / "nowhere").exists()


def test_second_copy_copies_nothing(source: Path, tmp_path: Path) -> None:
    examples.copy_absent(source, tmp_path / "target")

    assert list(examples.copy_absent(source, tmp_path / "target")) == []


def test_shipped_examples_are_there() -> None:
    assert (examples.shipped() / "flights.ipynb").is_file()
