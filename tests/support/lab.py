"""JupyterLab as a person sees it, driven in real Chromium.

`Lab` finds things by role and name, so what it can do a screen reader can do too.
It keeps a screenshot of each state in light and dark in ``tests/artifacts``.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
SITE = "cygnet.test"
"""A host name of this machine to the browser, as all names below it are."""
ARGUMENTS = (
    f"--host-resolver-rules=MAP {SITE} 127.0.0.1, MAP *.{SITE} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAB_READY = "#jp-top-panel"
SLOW_MS = 120_000
"""How long a step may take on a busy machine before it counts as failed."""


@contextmanager
def chromium(playwright: Playwright, program: str) -> Generator[Browser]:
    """Run a Chromium that ends with the block."""
    browser = playwright.chromium.launch(
        executable_path=program, args=list(ARGUMENTS), timeout=SLOW_MS
    )
    try:
        yield browser
    finally:
        browser.close()


def keep(page: Page, name: str, *, theme: str = "light") -> Path:
    """Keep a screenshot of what the page shows now."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}-{theme}.png"
    # As it is in the end, not while its colours still change.
    page.screenshot(path=path, animations="disabled")
    return path


def log_in(page: Page, link: str) -> None:
    """Follow a login link, as far as the page that comes after it."""
    page.goto(link)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log in")).to_have_count(0)


def start_server(page: Page) -> str:
    """Start the server when it is not running, and return its URL."""
    start = page.get_by_role("button", name="Start my server")
    expect(start.or_(page.locator(LAB_READY)).first).to_be_visible()
    if start.is_visible():
        start.click()
    expect(page.locator(LAB_READY)).to_be_visible()
    return page.url.split("/lab")[0] + "/"


class Lab:
    """One page with JupyterLab in it."""

    def __init__(self, page: Page, home: str) -> None:
        """Take a page that is logged in; ``home`` is the URL of the notebook server."""
        self.page = page
        self.home = home

    def open(self, path: str) -> None:
        """Open a notebook in a workspace that nobody used before."""
        self.page.goto(f"{self.home}lab/tree/{path}?reset")
        self.wait_for_notebook()

    def wait_for_notebook(self) -> None:
        """Wait until the notebook shows its first cell."""
        expect(self.cell(0)).to_be_visible()

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is connected and idle, as the status bar says."""
        idle = re.compile(r" \| Idle$")
        expect(self.page.get_by_role("button", name=idle)).to_be_visible()

    def cell(self, number: int) -> Locator:
        """Return a cell of the notebook in front, counted from 0."""
        return self.page.locator(
            f".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell"
            f"[data-windowed-list-index='{number}']"
        )

    def show_end(self) -> None:
        """Scroll to the last cell; JupyterLab goes on rendering, and may replace it."""
        self.page.locator(
            ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer"
        ).evaluate(
            """async (panel) => {
                for (let calm = 0; calm < 5; calm += 1) {
                    const left = panel.scrollHeight - panel.clientHeight;
                    if (panel.scrollTop < left - 1) calm = 0;
                    panel.scrollTop = left;
                    await new Promise((go) => setTimeout(go, 100));
                }
            }"""
        )

    def choose(self, *names: str) -> None:
        """Choose an entry of the menus, named from the menu bar on."""
        menu, *entries = names
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        for name in entries:
            # JupyterLab gives entries that open a submenu no role.
            exact = re.compile(f"^{re.escape(name)}$")
            item = self.page.locator(".lm-Menu-itemLabel", has_text=exact).first
            item.hover()
        item.click()

    def run_all(self) -> None:
        """Run all cells from the menu."""
        self.choose("Run", "Run All Cells")

    def save(self) -> None:
        """Save the notebook in front and wait until it is on disk."""
        with self.page.expect_response(
            lambda it: it.request.method == "PUT" and "/api/contents/" in it.url
        ):
            self.page.keyboard.press("Control+s")

    def use_theme(self, theme: str) -> None:
        """Change the person's system to light or dark, which JupyterLab follows."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-light", str(theme == "light").lower()
        )
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def keep(self, name: str) -> None:
        """Keep a screenshot in the dark theme, then one in the light theme."""
        for theme in ("dark", "light"):
            self.use_theme(theme)
            keep(self.page, name, theme=theme)

    def panel(self, number: int) -> Locator:
        """Return what shows the Spark jobs of a cell, live or saved."""
        return self.cell(number).get_by_role("region", name="Spark jobs of this cell")

    def sidebar(self) -> Locator:
        """Return the connector's panel in the left sidebar, opened."""
        panel = self.page.get_by_role("region", name="Spark", exact=True)
        if not panel.is_visible():
            self.page.get_by_role("tab", name="Spark", exact=True).click()
        expect(panel).to_be_visible()
        return panel
