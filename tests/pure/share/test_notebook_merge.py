import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from cygnet_share import notebook
from cygnet_share.notebook import Cell, Json, Notebook
from cygnet_share.notebook_merge import Kind, conflicting, merge
from hypothesis import given
from hypothesis import strategies as st

SOURCES = st.text("ab\n#é", max_size=4)


def code(source: str, name: str | None = None, **rest: Json) -> Cell:
    return Cell("code", source, name, {}, {"outputs": [], **rest})


def notebook_of(*cells: Cell, minor: int = 5) -> Notebook:
    return Notebook(cells, {}, minor)


def sources(found: Notebook) -> list[str]:
    return [it.source for it in found.cells]


A, B, C = code("a = 1", "a"), code("b = 2", "b"), code("c = 3", "c")
BASE = notebook_of(A, B, C)


def with_source(cell: Cell, source: str) -> Cell:
    return replace(cell, source=source)


def test_each_side_s_change_is_kept() -> None:
    mine = notebook_of(A, with_source(B, "b = 20"), C)
    theirs = notebook_of(A, B, code("new", "n"), C)

    found = merge(BASE, mine, theirs)

    assert sources(found.notebook) == ["a = 1", "b = 20", "new", "c = 3"]
    assert not found.conflicts


def test_cell_that_both_changed_stays_mine_with_the_other_text_below() -> None:
    mine = notebook_of(A, with_source(B, "b = mine"), C)
    theirs = notebook_of(A, with_source(B, "b = theirs"), C)

    found = merge(BASE, mine, theirs)

    assert sources(found.notebook) == ["a = 1", "b = mine", "b = theirs", "c = 3"]
    below = found.notebook.cells[2]
    assert below.kind == "raw", "code of another must not run by itself"
    assert list(conflicting(found.notebook)) == [(below, "b")]
    [conflict] = found.conflicts
    assert (conflict.kind, conflict.id) == (Kind.BOTH_CHANGED, "b")
    assert (conflict.mine, conflict.theirs) == ("b = mine", "b = theirs")


def test_question_that_changed_stands_below_the_answer() -> None:
    question = Cell("markdown", "Why?", "q")
    base = notebook_of(question)

    found = merge(
        base,
        notebook_of(with_source(question, "Because.")),
        notebook_of(with_source(question, "Why, in one line?")),
    )

    assert sources(found.notebook) == ["Because.", "Why, in one line?"]
    assert [it.kind for it in found.notebook.cells] == ["markdown", "markdown"]


def test_new_cells_at_one_place_stand_mine_first() -> None:
    found = merge(
        BASE,
        notebook_of(A, code("mine 1", "m"), code("mine 2", "m2"), B, C),
        notebook_of(A, code("theirs", "t"), B, C),
    )

    expected = ["a = 1", "mine 1", "mine 2", "theirs", "b = 2", "c = 3"]
    assert sources(found.notebook) == expected
    swapped = merge(
        BASE,
        notebook_of(code("first", "m"), A, C, B),
        notebook_of(code("other", "t"), A, B, C),
    )
    assert sources(swapped.notebook) == ["first", "other", "a = 1", "c = 3", "b = 2"]


def test_cell_that_they_moved_and_i_changed_is_mine_once() -> None:
    found = merge(
        BASE, notebook_of(A, B, with_source(C, "c = mine")), notebook_of(C, A, B)
    )

    assert sources(found.notebook) == ["c = mine", "a = 1", "b = 2"]


@pytest.mark.parametrize("minor", [4, 5])
def test_deleted_cell_that_the_other_changed_is_there(minor: int) -> None:
    changed = with_source(B, "b = 20")
    keep, drop = notebook_of(A, changed, C, minor=minor), notebook_of(A, C, minor=minor)

    for mine, theirs, kind in (
        (keep, drop, Kind.DELETED_THERE),
        (drop, keep, Kind.DELETED_HERE),
    ):
        found = merge(BASE, mine, theirs)

        assert sources(found.notebook) == ["a = 1", "b = 20", "c = 3"]
        assert [it.kind for it in found.conflicts] == [kind]


def test_deleted_cell_that_nobody_changed_is_gone() -> None:
    for mine, theirs in ((BASE, notebook_of(A, C)), (notebook_of(A, C), BASE)):
        assert sources(merge(BASE, mine, theirs).notebook) == ["a = 1", "c = 3"]


def test_my_outputs_are_kept_where_both_have_run_a_cell() -> None:
    def ran(text: str) -> Notebook:
        return notebook_of(replace(A, rest={"outputs": [text], "execution_count": 1}))

    base = notebook_of(A)

    assert merge(base, ran("mine"), ran("theirs")).notebook == ran("mine")
    assert merge(base, base, ran("theirs")).notebook == ran("theirs")


def test_notebook_without_ids_merges_by_what_cells_hold() -> None:
    def old(*texts: str) -> Notebook:
        return notebook_of(*map(code, texts), minor=4)

    found = merge(
        old("a", "b", "c"), old("a", "b mine", "c", "d"), old("new", "a", "b", "c 2")
    )

    assert sources(found.notebook) == ["new", "a", "b mine", "c 2", "d"]
    assert {it.id for it in found.notebook.cells} == {None}


@pytest.mark.parametrize("texts", [["same"] * 2_000, ["same", ""] * 1_000])
def test_many_cells_without_ids_merge_within_seconds(texts: list[str]) -> None:
    base = notebook_of(*(code(it or f"{i}") for i, it in enumerate(texts)), minor=4)
    mine, theirs = (
        notebook_of(*(code(it or f"{who} {i}") for i, it in enumerate(texts)), minor=4)
        for who in ("mine", "theirs")
    )
    start = time.process_time()

    found = merge(notebook_of(minor=4), mine, theirs).notebook
    merged = merge(base, mine, theirs).notebook

    assert time.process_time() - start < 10
    want = {*sources(mine), *sources(theirs)}
    assert want == {*sources(found)} == {*sources(merged)}


def test_ids_stay_those_of_mine_when_jupyter_has_given_them_since() -> None:
    base = notebook_of(code("a"), code("b"), minor=4)
    mine = notebook_of(code("a", "m1"), code("b", "m2"))

    found = merge(base, mine, notebook_of(code("a"), code("b 2"), minor=4))

    assert [(it.id, it.source) for it in found.notebook.cells] == [
        ("m1", "a"),
        ("m2", "b 2"),
    ]


def test_metadata_merges_by_key() -> None:
    def made(**metadata: Json) -> Notebook:
        return Notebook((replace(A, metadata=metadata),), metadata)

    found = merge(made(a=1, b=1, c=1), made(a=2, b=1), made(a=3, b=3, c=1, d=None))

    assert found.notebook.metadata == {"a": 2, "b": 3, "d": None}
    assert found.notebook.cells[0].metadata == {"a": 2, "b": 3, "d": None}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}',
        b'{"nbformat": 4, "nbformat_minor": true, "cells": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": [1]}',
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code"}]}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": %s}, "cells": []}'
        % (b"[" * 400 + b"]" * 400),
        # Little to send, and much to hold.
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "a": [%s0]}'
        % (b"{}," * notebook.MAX_PARTS),
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "a": "%s"}'
        % (b"\\n" * notebook.MAX_PARTS),
        b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "a": "%s"}'
        % ("\x85".encode() * notebook.MAX_PARTS),
        '{"nbformat": 4, "nbformat_minor": 5, "cells": []}'.encode("utf-16"),
    ],
)
def test_what_is_no_notebook_is_none(data: bytes) -> None:
    assert notebook.parse(data) is None


def test_notebook_is_written_as_jupyter_writes_it() -> None:
    text = (
        b'{\n "cells": [\n  {\n   "cell_type": "code",\n   "execution_count": null,\n'
        b'   "id": "x",\n   "metadata": {},\n   "outputs": [],\n   "source": [\n'
        b'    "a\\n",\n    "b"\n   ]\n  }\n ],\n "metadata": {},\n "nbformat": 4,\n'
        b' "nbformat_minor": 5\n}\n'
    )

    found = notebook.parse(text)

    assert found is not None
    assert notebook.serialise(found) == text


@st.composite
def histories(
    draw: st.DrawFn, *, ids: bool = True
) -> tuple[Notebook, Notebook, Notebook]:
    """Draw a notebook and two that were made of it by changing, moving, …"""
    count = draw(st.integers(0, 5))
    base = [code(draw(SOURCES), f"base-{i}" if ids else None) for i in range(count)]
    mine, theirs = (draw(_changed(base, side, ids=ids)) for side in ("mine", "theirs"))
    minor = 5 if ids else 4
    return tuple(notebook_of(*it, minor=minor) for it in (base, mine, theirs))  # type: ignore[return-value]


@st.composite
def _changed(
    draw: st.DrawFn, base: Sequence[Cell], side: str, *, ids: bool
) -> list[Cell]:
    cells = list(base)
    for step in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(cells)))
        what = draw(st.sampled_from(["change", "add", "delete", "move", "repeat"]))
        if what == "add" or place == len(cells):
            name = f"{side}-{step}" if ids else None
            cells.insert(place, code(draw(SOURCES), name))
        elif what == "change":
            cells[place] = with_source(cells[place], draw(SOURCES))
        elif what == "repeat":
            cells.insert(place, cells[place])
        else:
            cell = cells.pop(place)
            if what == "move":
                cells.insert(draw(st.integers(0, len(cells))), cell)
    return cells


def texts(found: Notebook) -> Counter[str]:
    return Counter(it.source for it in found.cells)


@given(st.booleans().flatmap(lambda ids: histories(ids=ids)))
def test_no_text_of_either_side_is_lost(
    history: tuple[Notebook, Notebook, Notebook],
) -> None:
    base, mine, theirs = history

    found = texts(merge(base, mine, theirs).notebook)

    written = set(texts(mine)) | set(texts(theirs))
    assert written - set(texts(base)) <= set(found)


@given(st.booleans().flatmap(lambda ids: histories(ids=ids)))
def test_ids_are_unique(history: tuple[Notebook, Notebook, Notebook]) -> None:
    found = merge(*history).notebook

    names = [it.id for it in found.cells if it.id is not None]
    assert len(set(names)) == len(names)
    assert len(names) in {0, len(found.cells)}


@given(st.booleans().flatmap(lambda ids: histories(ids=ids)))
def test_second_merge_changes_nothing(
    history: tuple[Notebook, Notebook, Notebook],
) -> None:
    base, mine, theirs = history
    once = merge(base, mine, theirs).notebook

    assert merge(theirs, once, theirs).notebook == once


@given(histories())
def test_merge_after_an_interruption_changes_nothing(
    history: tuple[Notebook, Notebook, Notebook],
) -> None:
    base, mine, theirs = history
    once = merge(base, mine, theirs).notebook

    assert merge(base, once, theirs).notebook == once


@given(histories())
def test_change_of_one_side_alone_is_the_result(
    history: tuple[Notebook, Notebook, Notebook],
) -> None:
    base, changed, _ = history
    distinct = merge(base, changed, changed).notebook

    assert merge(base, distinct, base).notebook == distinct
    assert merge(base, base, distinct).notebook == distinct
