"""The merge of an open notebook with what is on disk."""

import pytest
from cygnet_lab.share.call_merge import MergeBody, merged
from cygnet_lab.share.errors import RefusedError
from pydantic import JsonValue


def notebook(**sources: str) -> dict[str, JsonValue]:
    cells: list[JsonValue] = [
        {"id": key, "cell_type": "markdown", "metadata": {}, "source": source}
        for key, source in sources.items()
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def sources(found: object) -> dict[str, str]:
    assert isinstance(found, dict)
    return {it["id"]: it["source"] for it in found["cells"]}


def test_open_notebook_keeps_its_cells_and_gets_those_of_the_other() -> None:
    body = MergeBody(
        base=notebook(a="one\ntwo", b="b"),
        mine=notebook(a="mine\ntwo", b="b"),
        theirs=notebook(a="one\ntwo", b="theirs", c="new"),
    )

    found = merged(body)

    assert sources(found["notebook"]) == {"a": "mine\ntwo", "b": "theirs", "c": "new"}
    assert found["conflicts"] == []


def test_cell_of_both_stays_and_the_other_text_stands_below() -> None:
    body = MergeBody(
        base=notebook(a="one"), mine=notebook(a="mine"), theirs=notebook(a="theirs")
    )

    found = merged(body)

    assert [*sources(found["notebook"]).values()] == ["mine", "theirs"]
    assert found["conflicts"] == [
        {"id": "a", "kind": "both changed", "mine": "mine", "theirs": "theirs"}
    ]


def test_what_is_no_notebook_is_refused_in_words() -> None:
    body = MergeBody(base={}, mine=notebook(a="mine"), theirs=notebook(a="theirs"))

    with pytest.raises(RefusedError, match="Save it under another name"):
        merged(body)
