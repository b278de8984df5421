"""Whatever a notebook holds, its page is one, and harmless."""

import json
from typing import Any

from cygnet_share.errors import DocumentError
from cygnet_share.viewer import ansi, body, formula, prose
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import EMPTY, Frame, page
from cygnet_share.viewer.text import clean
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import shown
from tests.support.attack import MIME_TYPES, panel, snippets

PATH = "a/b.ipynb"
# On a busy machine, an example takes its time.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = [
    *dict(snippets("http://thief.example:81")).values(),
    *"<>\"'&[]()!`$*_#|-\\{}=/: \n\t\0\x1b\ufdd0\ufdd1\ud800é",
    "<div>",
    "</div>",
    '<b title="',
    "-->",
    "\\begin{align}",
    "\\frac",
    "```",
    "https://example.org",
    "\x1b[38;5;",
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda it: st.lists(it, max_size=3) | st.dictionaries(TEXT, it, max_size=3),
    max_leaves=6,
)
LINES = TEXT | st.lists(TEXT, max_size=3) | JSON
MIME = st.sampled_from(MIME_TYPES)
PANEL = st.builds(lambda text, key, it: {**panel(text), key: it}, TEXT, TEXT, JSON)
BUNDLE = st.dictionaries(MIME | TEXT, LINES | PANEL, max_size=3)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give objects that have some of the fields, mostly of the right type."""
    loose = {key: it | JSON for key, it in fields.items()}
    return st.fixed_dictionaries({}, optional=loose)


OUTPUT = objects(
    output_type=st.sampled_from(
        ["stream", "error", "display_data", "execute_result", "pyout", "pyerr"]
    ),
    name=TEXT,
    text=LINES,
    data=BUNDLE,
    ename=TEXT,
    evalue=TEXT,
    traceback=st.lists(TEXT, max_size=3),
    html=LINES,
    png=LINES,
)
CELL = objects(
    cell_type=st.sampled_from(["code", "markdown", "raw", "heading"]),
    source=LINES,
    input=LINES,
    level=st.integers(),
    outputs=st.lists(OUTPUT, max_size=3),
    attachments=st.dictionaries(TEXT, BUNDLE, max_size=2),
    metadata=objects(tags=st.lists(TEXT), jupyter=objects(source_hidden=JSON)),
    execution_count=st.integers(),
)
CELLS = st.lists(CELL | JSON, max_size=4)
NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([3, 4]) | JSON},
    optional={
        "cells": CELLS | JSON,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": CELLS}), max_size=2),
        "metadata": objects(
            kernelspec=objects(display_name=TEXT, language=TEXT),
            language_info=objects(name=TEXT, pygments_lexer=TEXT),
        ),
    },
)


def page_of(path: str, data: bytes) -> bytes:
    frame = Frame("Share", "Alice", path, "Version 1")
    try:
        return page(frame, body.render(Document(path, data)))
    except DocumentError as error:
        return page(frame, EMPTY, problem=str(error))


@PATIENT
@given(NOTEBOOK)
def test_random_notebook_gives_a_harmless_page(notebook: dict[str, Any]) -> None:
    found = page_of(PATH, json.dumps(notebook).encode())

    assert shown.dangers(found, PATH) == []


@PATIENT
@given(st.binary() | TEXT.map(lambda it: it.encode(errors="replace")), st.data())
def test_random_bytes_give_a_harmless_page(data: bytes, draw: st.DataObject) -> None:
    endings = [".ipynb", ".md", ".csv", ".svg", ".py", ".html", ".txt", ".png", ""]
    path = "a/b" + draw.draw(st.sampled_from(endings))

    assert shown.dangers(page_of(path, data), path) == []


@PATIENT
@given(TEXT, TEXT, TEXT)
def test_random_title_gives_a_harmless_page(share: str, owner: str, name: str) -> None:
    # Paths have no empty parts.
    name = name.replace("/", "|")

    found = page(Frame(share, owner, name, share), EMPTY, problem=owner)

    assert shown.dangers(found, name) == []


@PATIENT
@given(TEXT)
def test_random_text_is_never_refused(text: str) -> None:
    assert ansi.markup(text) is not None
    assert formula.markup(text, is_block=True)
    assert prose.render(clean(text), PATH, prose.Anchors()) is not None
