import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cygnet_lab.share import conflict
from cygnet_lab.share.choice import Take, of_cell, of_files
from cygnet_lab.share.errors import MovedOnError, NoConflictError
from cygnet_lab.share.folder import OWN, Folder
from cygnet_lab.share.state import Conflict
from cygnet_share import notebook_merge, tree_merge
from cygnet_share.notebook import Cell, Notebook, parse, serialise
from cygnet_share.notebook_merge import CellConflict, merge
from cygnet_share.tree import File, Tree
from hypothesis import given
from hypothesis import strategies as st

TEXT = '<img src=x onerror="alert(1)">\n\u202e{{7*7}}'


def code(name: str | None, text: str) -> Cell:
    return Cell("code", text, name, {}, {"outputs": [1], "execution_count": 7})


def notebook(*cells: Cell, minor: int = 5) -> Notebook:
    return Notebook(cells, {}, minor)


def sources(found: Notebook) -> list[tuple[str, str]]:
    return [(it.kind, it.source) for it in found.cells]


BASE = notebook(code("a", "1"), code("b", "2"))
CASES = {
    "both": (
        notebook(code("a", "mine"), code("b", "2")),
        notebook(code("a", TEXT), code("b", "2")),
        {"mine": ["mine", "2"], "theirs": [TEXT, "2"], "both": ["mine", TEXT, "2"]},
    ),
    "deleted here": (
        notebook(code("b", "2")),
        notebook(code("a", TEXT), code("b", "2")),
        {"mine": ["2"], "theirs": [TEXT, "2"], "both": [TEXT, "2"]},
    ),
    "deleted there": (
        notebook(code("a", "mine"), code("b", "2")),
        notebook(code("b", "2")),
        {"mine": ["mine", "2"], "theirs": ["2"], "both": ["mine", "2"]},
    ),
}


@pytest.mark.parametrize("take", list(Take))
@pytest.mark.parametrize("case", CASES)
def test_choice_leaves_the_texts_that_were_chosen(case: str, take: Take) -> None:
    mine, theirs, wanted = CASES[case]
    merged = merge(BASE, mine, theirs)
    [met] = merged.conflicts

    chosen = of_cell(merged.notebook, "n.ipynb", met, take)

    assert sources(chosen) == [("code", it) for it in wanted[take]]
    assert parse(serialise(chosen)) is not None
    assert not list(notebook_merge.conflicting(chosen))


def test_text_of_another_has_not_run_here() -> None:
    mine, theirs, _ = CASES["both"]
    merged = merge(BASE, mine, theirs)

    chosen = of_cell(merged.notebook, "n", merged.conflicts[0], Take.THEIRS)

    assert chosen.cells[0].rest == {"outputs": [], "execution_count": None}
    assert chosen.cells[0].id == "a"


def test_notebook_without_ids_is_settled_by_its_texts() -> None:
    base, mine, theirs = (
        notebook(Cell("markdown", "1"), Cell("code", it), minor=4)
        for it in ("2", "mine", "theirs")
    )
    merged = merge(base, mine, theirs)
    [met] = [it for it in merged.conflicts if it.mine == "mine"]

    chosen = of_cell(merged.notebook, "n", met, Take.MINE)

    assert met.id is None
    assert [it.source for it in chosen.cells] == ["1", "mine"]


def test_edit_since_then_is_not_written_over() -> None:
    mine, theirs, _ = CASES["both"]
    merged = merge(BASE, mine, theirs)
    [met] = merged.conflicts
    own, below, other = merged.notebook.cells
    edited = notebook(replace(own, source="mine, later"), below, other)
    removed = notebook(own, other)

    with pytest.raises(MovedOnError, match="nothing is written over"):
        of_cell(edited, "n.ipynb", met, Take.THEIRS)
    with pytest.raises(MovedOnError):
        of_cell(removed, "n.ipynb", met, Take.THEIRS)
    assert of_cell(removed, "n.ipynb", met, Take.MINE) == removed
    [_, kept] = of_cell(edited, "n.ipynb", met, Take.MINE).cells
    assert kept == other


def test_cells_that_are_edited_meanwhile_stay_as_they_are() -> None:
    mine, theirs, _ = CASES["both"]
    merged = merge(BASE, mine, theirs)
    *both, other = merged.notebook.cells
    edited = notebook(*both, replace(other, source="later"), code("c", "new"))

    chosen = of_cell(edited, "n.ipynb", merged.conflicts[0], Take.THEIRS)

    assert [it.source for it in chosen.cells] == [TEXT, "later", "new"]


def test_long_text_is_shown_short_and_settled_whole() -> None:
    long = "\ud800" + "x" * 5_000
    mine = notebook(code("a", f"{long}mine"), code("b", "2"))
    theirs = notebook(code("a", f"{long}theirs"), code("b", "2"))
    merged = merge(BASE, mine, theirs)
    [kept] = conflict.noted((), [Conflict("n", "both", cells=(merged.conflicts[0],))])
    [met] = kept.cells

    chosen = of_cell(merged.notebook, "n", met, Take.THEIRS)

    assert len(met.mine or "") < 4_100
    assert met.mine != met.theirs, "what differs behind the cut differs"
    assert chosen.cells[0].source == f"{long}theirs"


ONE, TWO = File(1, ("1",)), File(2, ("2",))


@pytest.mark.parametrize(
    ("kind", "tree", "other", "wanted"),
    [
        (
            tree_merge.Kind.BOTH_CHANGED,
            {"t": ONE, "t (new version)": TWO},
            "t (new version)",
            {"mine": {"t": ONE}, "theirs": {"t": TWO}},
        ),
        (
            tree_merge.Kind.DELETED_HERE,
            {"t": TWO, "k": ONE},
            None,
            {"mine": {"k": ONE}, "theirs": {"t": TWO, "k": ONE}},
        ),
        (
            tree_merge.Kind.DELETED_THERE,
            {"t": ONE, "k": ONE},
            None,
            {"mine": {"t": ONE, "k": ONE}, "theirs": {"k": ONE}},
        ),
        (
            tree_merge.Kind.NAME_TAKEN,
            {"t/x": ONE, "t (new version)": TWO},
            "t (new version)",
            {"mine": {"t/x": ONE}, "theirs": {"t/x": ONE, "t (new version)": TWO}},
        ),
    ],
)
def test_choice_of_a_file_leaves_what_was_chosen(
    kind: str, tree: Tree, other: str | None, wanted: dict[str, Tree]
) -> None:
    stamp = conflict.stamp_of(tree, "t", other)
    met = Conflict("t", kind, other, stamp=stamp)

    assert of_files(tree, met, Take.MINE) == wanted["mine"]
    assert of_files(tree, met, Take.THEIRS) == wanted["theirs"]
    assert of_files(tree, met, Take.BOTH) == tree
    edited = {**tree, other or "t": File(3, ("3",))}
    with pytest.raises(MovedOnError):
        of_files(edited, met, Take.MINE)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / OWN).mkdir()
    return Folder(os.open(tmp_path, os.O_RDONLY))


texts = st.none() | st.text(max_size=50)
cells = st.builds(
    CellConflict, st.sampled_from(notebook_merge.Kind), texts, texts, texts
)
conflicts = st.builds(
    Conflict, st.text(max_size=20), st.sampled_from(tree_merge.Kind), texts
) | st.builds(
    Conflict,
    st.text(max_size=20),
    st.just(tree_merge.Kind.BOTH_CHANGED),
    cells=st.lists(cells, max_size=3).map(tuple),
)


@given(st.lists(conflicts, max_size=5))
def test_list_is_kept_whole_whatever_its_texts_are(met: list[Conflict]) -> None:
    kept = conflict.noted((), met)

    read = conflict.parsed(conflict.serialised(kept))

    assert list(map(conflict.name_of, read)) == list(map(conflict.name_of, kept))
    assert conflict.noted(kept, met) == kept, "the same is listed once"


def test_list_is_private_bounded_and_survives_damage(
    tmp_path: Path, folder: Folder
) -> None:
    cell = CellConflict(notebook_merge.Kind.BOTH_CHANGED, "a", "m" * 9_000, TEXT)
    many = [Conflict(f"{i}", "both", cells=(cell,) * 200) for i in range(300)]
    place = tmp_path / OWN / conflict.NAME

    with folder:
        conflict.write(folder, conflict.noted((), many))
        read = conflict.read(folder)
        mode, size = stat.S_IMODE(place.stat().st_mode), place.stat().st_size
        place.write_text("[{")
        damaged = conflict.read(folder)
        place.write_text(json.dumps([{"path": 1}]))
        other = conflict.read(folder)

    assert (mode, size <= conflict.MOST_BYTES) == (0o600, True)
    assert read[-1].path == "299"
    assert 0 < len(read) < 100
    assert damaged == other == ()


def test_conflict_goes_by_cell_and_whole() -> None:
    cell = CellConflict(notebook_merge.Kind.BOTH_CHANGED, "a", "m", "t")
    two = (cell, replace(cell, id="b"))
    known = (Conflict("n", "both", cells=two), Conflict("t", "both", "t (2)"))
    name = conflict.name_of(known[0])

    less = conflict.without(known, name, conflict.name_of_cell(cell))

    assert less == (replace(known[0], cells=two[1:]), known[1])
    assert conflict.without(known, name) == known[1:]
    [_, last] = [conflict.name_of(it) for it in less]
    assert conflict.without(known[1:], last) == ()
    with pytest.raises(NoConflictError):
        conflict.found_in(less, name)
