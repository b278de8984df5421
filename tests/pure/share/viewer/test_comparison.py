"""What has changed in a file, as a page and as JSON; files of both may attack."""

import json
from typing import Any

import pytest
from cygnet_share.viewer import comparison
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import Head, around

from tests.support import shown
from tests.support.attack import PATH, attacks, snippets

SNIPPETS = list(snippets("http://thief.example:81"))


def notebook(**sources: str) -> bytes:
    cells = [
        {"cell_type": "code", "id": key, "metadata": {}, "source": it, "outputs": []}
        for key, it in sources.items()
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return json.dumps(whole).encode()


def listed(path: str, before: bytes, after: bytes) -> dict[str, Any]:
    return dict(json.loads(comparison.as_json(before, Document(path, after))))


def page(path: str, before: bytes, after: bytes) -> bytes:
    body = comparison.render(before, Document(path, after))
    return around(Head(path, path, owner="Alice"), body)


def text(path: str, before: bytes, after: bytes) -> str:
    return " ".join(shown.text(page(path, before, after)).split())


def test_notebook_is_compared_by_cell() -> None:
    old, new = notebook(a="1", b="x\ny"), notebook(a="1", b="x\nz", c="new")

    found = listed("a.ipynb", old, new)
    words = text("a.ipynb", old, new)

    assert found["kind"] == "notebook"
    assert [it["kind"] for it in found["cells"]] == ["same", "changed", "added"]
    assert found["cells"][1]["source_from"] == "x\ny"
    assert found["cells"][1]["source_to"] == "x\nz"
    assert "Cells: 1 changed, 1 added." in words
    assert "Cell 1 is the same." in words
    # The signs say it, not the colours.
    assert "x − y + z" in words  # noqa: RUF001 - A minus.


def test_file_that_was_added_or_removed_is_shown_whole() -> None:
    assert [it["kind"] for it in listed("a.ipynb", b"", notebook(a="1"))["cells"]] == [
        "added"
    ]
    [removed] = listed("a.py", b"x", b"")["cells"]
    assert (removed["kind"], removed["source_to"]) == ("removed", None)


def test_what_is_no_notebook_is_compared_as_text_or_not_at_all() -> None:
    assert listed("a.ipynb", b"{", notebook(a="1"))["kind"] == "text"
    assert listed("a.bin", b"\0\1", b"\0\2") == {"kind": "binary", "cells": []}
    assert "are no text" in text("a.bin", b"\0\1", b"\0\2")
    assert "No line that is shown here differs." in text("a.txt", b"a\r\n", b"a\n")


def test_long_text_is_cut_and_says_so() -> None:
    [cell] = listed("a.py", b"x" * 30_000, b"y")["cells"]
    words = text("a.ipynb", notebook(a="x" * 30_000), notebook(a="y"))

    assert (len(cell["source_from"]), cell["is_cut"]) == (20_000, True)
    assert "Older version: 10 000 more characters are not shown." in words


def test_equal_lines_far_from_changes_are_left_out() -> None:
    lines = "\n".join(map(str, range(100)))

    words = text("a.txt", lines.encode(), f"{lines}\nnew".encode())

    assert "… Not shown, equal lines: 97. 97 98 99 + new" in words


@pytest.mark.parametrize(("name", "attack"), SNIPPETS, ids=str)
def test_file_that_attacks_is_text(name: str, attack: str) -> None:
    for it in attacks(name, attack):
        for before, after in ((b"", it.data), (it.data, b""), (b"x", it.data)):
            found = page(it.path, before, after)

            assert shown.dangers(found, it.path) == [], it.name


def test_name_that_attacks_is_text() -> None:
    for _, attack in SNIPPETS:
        found = around(Head(attack, attack, facts=attack, owner=attack), EMPTY_BODY)

        assert shown.dangers(found, PATH) == []


EMPTY_BODY = comparison.render(b"", Document("a", b""))
