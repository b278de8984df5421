import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cygnet_share.errors import DocumentError
from cygnet_share.viewer import body
from cygnet_share.viewer.document import Document

from tests.support.attack import SPARK, panel

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def notebook(*cells: Mapping[str, Any], **rest: Any) -> str:  # noqa: ANN401 - JSON.
    whole = {"nbformat": 4, "nbformat_minor": 5, "cells": cells, **rest}
    return body.render(Document("a/b.ipynb", json.dumps(whole).encode()))


def code(*outputs: Mapping[str, Any], **rest: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON.
    return {"cell_type": "code", "source": "x = 1", "outputs": outputs, **rest}


def result(**data: Any) -> str:  # noqa: ANN401 - JSON.
    """Give how an output is shown; names of MIME types have `_` for `/`."""
    bundle = {key.replace("_", "/", 1): value for key, value in data.items()}
    return notebook(code({"output_type": "display_data", "data": bundle}))


def test_notebook_shows_its_cells_with_numbers_and_an_outline() -> None:
    found = notebook(
        {"cell_type": "markdown", "source": ["# One\n", "text"]},
        {"cell_type": "markdown", "source": "## Two"},
        code(execution_count=12),
        {"cell_type": "raw", "source": "<b>raw</b>"},
        metadata={"kernelspec": {"display_name": "Python 3"}},
    )

    assert '<li class="level2"><a href="#at-Two">Two</a></li>' in found
    assert 'aria-label="Cell 3, code"' in found
    assert "[12]" in found
    assert "&lt;b&gt;raw&lt;/b&gt;" in found
    assert "Kernel: Python 3." in found


def test_hidden_code_and_output_are_folded() -> None:
    output = {"output_type": "stream", "text": "printed"}
    metadata = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}

    found = notebook(code(output, metadata=metadata))

    assert "<details><summary>Code</summary>" in found
    assert '<details class="outputs"><summary>Output</summary>' in found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"text_plain": ["a\n", "<b>"]}, "a\n&lt;b&gt;"),
        ({"text_html": "<b>x</b>", "text_plain": "y"}, '<div class="html"><b>x</b>'),
        ({"text_html": "<script>x</script>", "image_png": PNG}, '<img class="picture"'),
        ({"text_html": "<script>x</script>"}, "cannot show (text/html)"),
        ({"text_html": "<b>x</b>" * 1_000_000, "text_plain": "y"}, ">y</pre>"),
        ({"image_png": PNG}, f'src="data:image/png;base64,{PNG}" alt="Picture of cell'),
        ({"image_png": "no", "text_plain": "Figure"}, ">Figure</pre>"),
        ({"image_svg+xml": SVG}, 'src="data:image/svg+xml;base64,'),
        ({"text_latex": "$\\displaystyle x^2$"}, '<math display="block">'),
        ({"text_markdown": "*x*"}, "<em>x</em>"),
        ({"application_json": {"a": [1]}}, "{\n  &#34;a&#34;: [\n    1"),
        ({"application_javascript": "x", "text_plain": "y"}, "A script is here"),
        (
            {"application_vnd.jupyter.widget-view+json": {}, "text_plain": "y"},
            "A widget is here that needs a kernel.",
        ),
        ({"application_x-own": "x"}, "cannot show (application/x-own)"),
        ({"text_html": 7, "text_plain": {}}, "cannot show (text/html, text/plain)"),
    ],
    ids=str,
)
def test_output_shows_its_richest_form(data: Mapping[str, Any], expected: str) -> None:
    assert expected in result(**data)


def test_print_and_error_are_shown_in_colours() -> None:
    found = notebook(
        code(
            {"output_type": "stream", "name": "stderr", "text": "\x1b[31mx\x1b[0m"},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
        )
    )

    assert '<pre class="text stderr" role="group"' in found
    assert '<span class="t-ink1">x</span>' in found
    assert ">E: v</pre>" in found


def test_output_of_no_type_is_left_out() -> None:
    assert "cell-1" in notebook(code({"output_type": []}, {"output_type": {}}, {}))


def test_long_output_is_cut() -> None:
    found = notebook(code({"output_type": "stream", "text": "x" * 200_000}))

    assert "100\u202f000 more characters are not shown." in found


def test_spark_panel_is_a_table() -> None:
    data = panel("count at <console>")

    found = notebook(
        code({"output_type": "display_data", "data": {SPARK: data, "text/html": "x"}})
    )

    assert "<strong>Spark: Failed</strong> · 1 of 2 jobs · 1 of 1 stage" in found
    assert '<th scope="row">Job 5 <span class="dim">count at &lt;console&gt;' in found
    assert "<td>3 of 4 (1 failed, 2 skipped)</td><td>2.5 s</td>" in found
    assert "Stage 7, attempt 2" in found
    assert "1 more stage not listed" in found
    assert "1 more job not listed" in found


@pytest.mark.parametrize("change", [{"version": 2}, {"cell": []}, {"saved_ms": "1"}])
def test_damaged_spark_panel_is_named(change: Mapping[str, Any]) -> None:
    data = {**panel("x"), **change}

    found = notebook(code({"output_type": "display_data", "data": {SPARK: data}}))

    assert "This output cannot be read: it is not a Spark summary." in found


def test_old_notebook_is_shown() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["An old\n", "one"]},
        {
            "cell_type": "code",
            "input": ["print 1"],
            "prompt_number": 3,
            "language": "python",
            "outputs": [
                {"output_type": "stream", "stream": "stderr", "text": "1"},
                {"output_type": "pyout", "png": PNG, "text": "x", "metadata": {}},
                {"output_type": "pyerr", "ename": "E", "traceback": ["t"]},
            ],
        },
    ]
    data = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}

    found = body.render(Document("a.ipynb", json.dumps(data).encode()))

    assert '<h3 id="at-An-old-one">An old one</h3>' in found
    assert "[3]" in found
    assert 'class="text stderr"' in found
    assert f"data:image/png;base64,{PNG}" in found
    assert ">t</pre>" in found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[]", "it has no cells"),
        (b"{}", "does not say which format"),
        (b'{"nbformat": [4]}', "does not say which format"),
        (b'{"nbformat": true}', "does not say which format"),
        (b'{"nbformat": 5}', "has format 5; the viewer shows formats 3 and 4."),
        (b"[" * 1_000_000, "nested too deeply"),
        (b'{"nbformat": ' + b"1" * 5_000 + b"}", "it is not JSON"),
    ],
    ids=lambda it: str(it)[:20],
)
def test_what_is_no_notebook_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        body.render(Document("a.ipynb", data))


def test_damaged_cells_are_counted() -> None:
    found = notebook({}, 7, code(), {"cell_type": "code"})  # type: ignore[arg-type]

    assert "3 damaged cells are left out." in found
    assert 'id="cell-1"' in found


def test_very_many_cells_are_cut() -> None:
    found = notebook(*[{"cell_type": "raw", "source": ""}] * 2_001)

    assert "Only the first 2000 of 2001 cells are shown." in found


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a.py", b"def f(): pass", '<span class="f">f</span>'),
        ("a.html", b"<p>x", "&lt;"),
        ("a.txt", b"x\0y", ""),
        ("a.csv", b"a,b\n1,<b>", "<td>&lt;b&gt;</td>"),
        ("a.csv", b"x" * 200_000, "<pre"),
        ("a.svg", b"<svg/>", '<img class="picture" src="data:image/svg+xml;base64'),
        ("a.svg", b"no", "<pre"),
        ("a.gif", b"GIF89a", '<img class="picture" src="data:image/gif;base64'),
        ("a.py", b"x" * 2_000_000, "1\u202f000\u202f000 more characters"),
        ("a.md", b"# A\n\n# B\n\n[x](c.md)", 'aria-label="Outline"'),
        ("a.py", b"caf\xe9", "caf\ufffd"),
        ("a.py", "x\u202ey".encode(), "⟨U+202E⟩"),
    ],
    ids=lambda it: str(it)[:20],
)
def test_file_is_shown(path: str, data: bytes, expected: str) -> None:
    assert expected in body.render(Document(path, data))


def test_file_of_another_kind_is_refused_with_its_size() -> None:
    with pytest.raises(DocumentError, match=r"Its size is 1\.5 kB\."):
        body.render(Document("a.bin", bytes(1_500)))
