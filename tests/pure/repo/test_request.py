"""What the words of `ARGS` select."""

from pathlib import Path

import pytest

from scripts.lanes.request import Part, RequestError, parse
from scripts.lanes.table import Lane, Table

LANES = (Lane("lint", 1, command=("make", "lint")), Lane("pure", 1), Lane("hub", 2, 3))


@pytest.fixture
def table(tmp_path: Path) -> Table:
    for lane in ("pure", "hub"):
        (tmp_path / "tests" / lane).mkdir(parents=True)
        for name in ("test_a.py", "test_b.py"):
            (tmp_path / "tests" / lane / name).touch()
    return Table(tmp_path, LANES)


def chosen(table: Table, *words: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(it.lane.name, it.paths) for it in parse(words, table)]


def test_no_word_is_every_lane(table: Table) -> None:
    assert chosen(table) == [("lint", ()), ("pure", ()), ("hub", ())]
    assert all(it.is_whole for it in parse((), table))


def test_lanes_run_in_the_order_of_the_table(table: Table) -> None:
    assert chosen(table, "hub", "lint", "hub") == [("lint", ()), ("hub", ())]


def test_path_and_node_id_find_their_lane(table: Table) -> None:
    test = "tests/hub/test_a.py::test_x[a/b::c]"

    assert chosen(table, test) == [("hub", (test,))]
    assert chosen(table, f"./{test}@group") == [("hub", (test,))]
    assert chosen(table, "tests/pure/test_a.py", "hub") == [
        ("pure", ("tests/pure/test_a.py",)),
        ("hub", ()),
    ]
    assert chosen(table, "tests") == [("pure", ()), ("hub", ())]


def test_whole_lane_wins_over_a_path_in_it(table: Table) -> None:
    for words in (("hub", "tests/hub/test_a.py"), ("tests/hub/test_a.py", "hub")):
        assert chosen(table, *words) == [("hub", ())]


def test_options_go_to_pytest_with_their_values(table: Table) -> None:
    (part,) = parse(["hub", "-k", "login or lint"], table)

    command = part.command(Path("report"), Path("count"))

    assert command[-2:] == ["-k", "login or lint"]
    assert not part.is_whole


def test_options_alone_are_for_every_lane_of_pytest(table: Table) -> None:
    assert chosen(table, "-k", "login") == [("pure", ()), ("hub", ())]


@pytest.mark.parametrize(
    ("words", "workers"),
    [
        (["hub"], "3"),
        (["tests/hub/test_a.py", "tests/hub/test_b.py"], "3"),
        (["tests/hub/test_a.py::test_x", "tests/hub/test_a.py::test_y"], None),
        (["hub", "-n", "1"], "1"),
        (["hub", "-n1"], None),
        (["pure"], None),
    ],
)
def test_lane_is_shared_by_its_workers(
    words: list[str], workers: str | None, table: Table
) -> None:
    (part,) = parse(words, table)

    command = part.command(Path("report"), Path("count"))

    found = command[command.index("-n") + 1] if "-n" in command else None
    assert found == workers
    assert ("loadgroup" in command) == (part.workers > 0)


@pytest.mark.parametrize(
    "word", ["hubb", "tests/hub/test_c.py::x", "scripts/a.py", "/etc", "tests/data"]
)
def test_unknown_word_is_answered_with_what_there_is(word: str, table: Table) -> None:
    with pytest.raises(RequestError) as refused:
        parse(["hub", word, "nothing"], table)

    said = str(refused.value)
    assert repr(word) in said
    assert "'nothing'" in said
    for known in ("lint, pure, hub", "tests/pure, tests/hub"):
        assert known in said


def test_options_want_a_lane_that_takes_them(table: Table) -> None:
    (part,) = parse(["lint", "-k", "x"], table)

    assert part == Part(LANES[0])
