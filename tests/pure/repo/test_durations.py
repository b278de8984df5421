"""The log of how long lanes and test files take."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import durations
from scripts.durations import Run


@pytest.fixture(autouse=True)
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the project's own file, in a folder with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(durations, "SEED", tmp_path / "seed.json")
    yield tmp_path / "seed.json"
    assert list(tmp_path.rglob("*.json.*")) == []


def add(lane: str, seconds: float, machine: str = "", **files: float) -> None:
    run = Run(machine=machine or durations.machine(), seconds=seconds, files=files)
    durations.add(lane, run)


def test_last_runs_of_each_lane_are_kept() -> None:
    add("pure", 1)
    for seconds in range(15):
        add("hub", seconds)

    log = durations.load()

    assert [it.seconds for it in log.lanes["hub"]] == list(range(5, 15))
    assert len(log.lanes["pure"]) == 1


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"lanes": "x"}', "\xff"])
def test_broken_log_counts_as_empty(text: str | None, seed: Path) -> None:
    if text is not None:
        durations.log_file().parent.mkdir(parents=True)
        durations.log_file().write_text(text, encoding="latin-1")
        seed.write_text(text, encoding="latin-1")

    assert durations.expected() == {}
    assert durations.slowness("hub", 1e9) == ""

    add("hub", 3, a=1)
    assert durations.expected() == {"a": 1}


def test_log_stays_whole_when_it_cannot_be_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add("hub", 1, a=1)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add("hub", 2, a=2)

    assert [it.seconds for it in durations.load().lanes["hub"]] == [1]
    next(durations.log_file().parent.glob("*.json.*")).unlink()


def test_project_gives_times_that_the_log_does_not_have(seed: Path) -> None:
    seed.write_text(json.dumps({"a": 5, "b": 7}))
    for seconds in (1, 2, 30):
        add("hub", 50, a=seconds)

    assert durations.expected() == {"a": 2, "b": 7}


def test_lane_that_became_slower_is_reported() -> None:
    for seconds in (90, 100, 300):
        add("hub", seconds)
    add("hub", 1, machine="another one")

    assert durations.slowness("hub", 110) == ""
    assert durations.slowness("hub", 110.2) == (
        "hub took 110.2 s; the median of its last 3 runs on this machine is 100.0 s."
    )


def test_seed_is_written_from_the_log(
    seed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = "tests/pure/repo/test_durations.py"
    for it in (known, "tests/pure/test_gone.py"):
        durations.add("pure", Run(machine="", seconds=1, files={it: 1.26}))

    durations.main()

    assert json.loads(seed.read_text()) == {known: 1.3}
    assert "1 test files" in capsys.readouterr().out


def test_committed_times_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    times = json.loads(durations.SEED.read_text())

    assert all(isinstance(it, int | float) for it in times.values())
    assert durations.expected().keys() >= times.keys()
