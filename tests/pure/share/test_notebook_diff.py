import time
from collections.abc import Sequence
from dataclasses import replace

from cygnet_share.notebook import Cell, Json, Notebook
from cygnet_share.notebook_diff import Change, compare
from hypothesis import given, settings
from hypothesis import strategies as st


def cell(name: str | None, source: str, kind: str = "code", **rest: Json) -> Cell:
    return Cell(kind, source, name, {}, rest)


def notebook(*cells: Cell) -> Notebook:
    return Notebook(cells)


def found(before: Notebook, after: Notebook) -> list[tuple[str, str | None]]:
    changes = compare(before, after)
    return [(it.kind, it.before if it.after is None else it.after) for it in changes]


def test_cells_are_matched_by_id() -> None:
    before = notebook(cell("a", "1"), cell("b", "2"), cell("c", "3"), cell("d", "4"))
    after = notebook(cell("a", "1"), cell("b", "two"), cell("e", "5"), cell("d", "4"))

    assert found(before, after) == [
        ("same", "1"),
        ("changed", "two"),
        ("removed", "3"),
        ("added", "5"),
        ("same", "4"),
    ]


def test_moved_cell_is_the_one_that_moved_and_no_other() -> None:
    before = notebook(*(cell(it, it) for it in "abcde"))
    after = notebook(*(cell(it, it) for it in "eabcd"))

    [moved] = [it for it in compare(before, after) if it.kind is not Change.SAME]

    assert (moved.kind, moved.after, moved.number) == (Change.MOVED, "e", 1)


def test_moved_cell_that_was_changed_is_both() -> None:
    before = notebook(cell("a", "1"), cell("b", "2"), cell("c", "3"))
    after = notebook(cell("c", "three"), cell("a", "1"), cell("b", "2"))

    [changed] = [it for it in compare(before, after) if it.kind is not Change.SAME]

    assert (changed.kind, changed.is_moved) == (Change.CHANGED, True)


def test_cells_without_ids_are_matched_by_kind_and_text() -> None:
    before = notebook(*(cell(None, it) for it in ("1", "2", "3")))
    after = notebook(cell(None, "1"), cell(None, "two"), cell(None, "3"))

    assert found(before, after) == [("same", "1"), ("changed", "two"), ("same", "3")]
    other = notebook(cell(None, "1"), cell(None, "2", "markdown"), cell(None, "3"))
    kinds = [it.kind for it in compare(before, other)]
    assert sorted(kinds) == ["added", "removed", "same", "same"]


def test_output_counts_as_changed_by_what_it_shows() -> None:
    def with_output(count: int, text: str) -> Notebook:
        output: Json = {
            "output_type": "execute_result",
            "execution_count": count,
            "data": {"text/plain": text},
        }
        return notebook(cell("a", "1", execution_count=count, outputs=[output]))

    [same] = compare(with_output(1, "x"), with_output(2, "x"))
    [other] = compare(with_output(1, "x"), with_output(1, "y"))

    assert (same.kind, same.is_output_changed) == (Change.SAME, False)
    assert (other.kind, other.is_output_changed) == (Change.SAME, True)


def test_picture_in_the_text_counts_as_text() -> None:
    old = cell("a", "![x](attachment:x)", "markdown", attachments={"x": {"a": "1"}})
    new = replace(old, rest={"attachments": {"x": {"a": "2"}}})

    [change] = compare(notebook(old), notebook(new))

    assert (change.kind, change.are_attachments_changed) == (Change.CHANGED, True)


CELLS = st.lists(
    st.builds(
        cell,
        st.none() | st.sampled_from(["a", "b", "c", "d", "?"]),
        st.sampled_from(["", "x", "y"]),
        st.sampled_from(["code", "markdown"]),
    ),
    max_size=6,
)


@settings(max_examples=100)
@given(CELLS, CELLS)
def test_each_cell_of_both_is_there_once(
    before: Sequence[Cell], after: Sequence[Cell]
) -> None:
    changes = compare(notebook(*before), notebook(*after))

    old = [it.before for it in changes if it.kind is not Change.ADDED]
    new = [it.after for it in changes if it.kind is not Change.REMOVED]
    assert sorted(filter(lambda it: it is not None, old)) == sorted(  # type: ignore[type-var]
        it.source for it in before
    )
    assert new == [it.source for it in after]
    assert all(it.kind is Change.SAME for it in compare(*[notebook(*before)] * 2))


def test_large_notebooks_take_little_time() -> None:
    picture = "x" * 200_000
    outputs: Json = [{"output_type": "display_data", "data": {"image/png": picture}}]
    before = notebook(
        *(cell(f"c{i}", f"x = {i}\n" * 20, outputs=outputs) for i in range(300))
    )
    after = notebook(
        *reversed(before.cells[:150]),
        *(replace(it, source=f"{it.source}!") for it in before.cells[150:]),
    )
    hostile = notebook(*(cell(f"c{i}", "") for i in range(5_000)))
    start = time.process_time()

    assert len(compare(before, after)) == 300
    backwards = compare(hostile, notebook(*reversed(hostile.cells)))

    assert sum(it.kind is Change.MOVED for it in backwards) == 4_999
    assert time.process_time() - start < 3
