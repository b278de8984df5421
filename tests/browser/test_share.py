"""Two people share a folder, each in a browser and with a server of their own."""

import re
import signal
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.support import notebook
from tests.support.lab import LAB_READY, SLOW_MS, Lab
from tests.support.share_hub import ShareHub, Sharer
from tests.support.waiting import until

SEEN_MS = 5_000
"""How soon an open tab shows what another person has saved."""

PLACE = "Shared/ann/flights"
"""Where Bob has Ann's folder."""

LOG_IN = """async (name) => {
    const token = document.querySelector("[name=_xsrf]").value;
    const fields = { _xsrf: token, username: name, password: "" };
    await fetch(location, { method: "POST", body: new URLSearchParams(fields) });
}"""


class Desk(Lab):
    """A person's JupyterLab, with what is shared in the sidebar."""

    def __init__(self, person: Sharer, context: BrowserContext) -> None:
        """Log in, and open JupyterLab."""
        page = context.new_page()
        page.goto(f"{person.site.url}/hub/login")
        page.evaluate(LOG_IN, person.name)
        page.goto(f"{person.site.url}/user/{person.name}/lab?reset")
        expect(page.locator(LAB_READY)).to_be_visible()
        super().__init__(page, page.url.rpartition("/lab")[0] + "/")
        self.person = person

    def shared(self) -> Locator:
        """Give the panel, opened."""
        panel = self.page.get_by_role("region", name="Shared", exact=True)
        if not panel.is_visible():
            self.page.get_by_role("tab", name="Shared", exact=True).click()
        expect(panel).to_be_visible()
        return panel

    def item(self, name: str) -> Locator:
        """Give a share in the panel."""
        return self.shared().get_by_role("article", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button of the panel."""
        self.shared().get_by_role("button", name=name, exact=True).click()

    def bar(self) -> Locator:
        """Give the bar above the notebook in front."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").get_by_role(
            "region", name="Sharing of this file"
        )

    def write(self, number: int, text: str) -> None:
        """Put another text into a cell."""
        editor = self.cell(number).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        expect(editor).to_have_text(text)

    def expect_cells(self, *sources: str) -> None:
        """Wait until the notebook has exactly these cells."""
        cells = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        expect(cells.locator(".cm-content")).to_have_text(sources)


@dataclass(frozen=True)
class Two:
    """Ann, whose folder it is, and Bob."""

    ann: Desk
    bob: Desk


@pytest.fixture
def two(browser: Browser, share_hub: ShareHub) -> Generator[Two]:
    people = share_hub.people
    contexts = [
        browser.new_context(
            viewport={"width": 1280, "height": 900}, ignore_https_errors=True
        )
        for _ in people
    ]
    for context in contexts:
        context.set_default_timeout(SLOW_MS)
    folder = people["ann"].home / "flights"
    sources = ("delay = 1", "late = 2", "print(delay)")
    notebook.write(folder / "delays.ipynb", *sources)
    (folder / "data.csv").write_text("month,delay\n1,12.5\n")
    yield Two(*map(Desk, (people["ann"], people["bob"]), contexts))
    for context in contexts:
        context.close()


def test_two_people_work_in_one_folder_until_it_ends(two: Two) -> None:
    # Bob has nothing yet, and reads how that changes.
    expect(two.bob.shared()).to_contain_text("Nothing is shared with you yet.")
    two.bob.keep("share-empty")

    share(two)
    open_here(two)
    change(two)
    change_both(two)
    settle(two)
    restore(two)
    view(two)
    end(two)


def share(two: Two) -> None:
    """Let Ann share the folder from the file browser."""
    two.ann.open("flights/delays.ipynb")
    page = two.ann.page
    page.get_by_role("listitem", name="Name: delays.ipynb").wait_for()
    page.get_by_role("button", name="Share", exact=True).wait_for()
    page.locator(".jp-BreadCrumbs-home").click()
    folder = page.get_by_role("listitem", name="Name: flights")
    folder.click(button="right")
    page.locator(".lm-Menu").get_by_text("Share…", exact=True).click()
    panel = two.ann.shared()
    expect(panel).to_contain_text("The folder flights with all of its files: 2 files")
    expect(panel).to_contain_text("What others have copied stays with them")
    panel.get_by_role("combobox", name="Name of the person").fill("bob")
    panel.get_by_role("radio", name="Can edit").check()
    two.ann.keep("share-form")
    two.ann.press("Share")
    expect(panel).to_contain_text("bob can edit “flights” now.")
    expect(panel.get_by_role("list", name="Who may see it")).to_contain_text("bob")


def open_here(two: Two) -> None:
    """Let Bob see the folder, with what it would bring, and open it."""
    bob = two.bob
    item = bob.item("flights, by ann")
    expect(item).to_contain_text("2 files", timeout=SEEN_MS)
    expect(item).to_contain_text("can edit")
    bob.keep("share-offered")
    item.get_by_role("button", name="Open here").click()
    expect(item).to_contain_text("Up to date")
    assert (bob.person.home / PLACE / "data.csv").exists()
    bob.page.goto(f"{bob.home}lab/tree/{PLACE}/delays.ipynb?reset")
    bob.wait_for_notebook()
    expect(bob.bar()).to_contain_text("Shared by ann, can edit.")
    expect(bob.bar()).to_contain_text("Running it acts as you")
    bob.keep("share-bar")
    bob.bar().get_by_role("button", name="I understand").click()
    expect(bob.bar()).not_to_contain_text("Running it acts as you")


def change(two: Two) -> None:
    """Let Ann save, and Bob's open tab show it."""
    two.ann.write(0, "delay = 10")
    two.ann.save()
    expect(two.bob.cell(0)).to_contain_text("delay = 10", timeout=SEEN_MS)
    two.bob.expect_cells("delay = 10", "late = 2", "print(delay)")
    expect(two.ann.bar()).to_contain_text("bob has this notebook open.")


def change_both(two: Two) -> None:
    """Let both change one cell: Bob is asked, and no text of either is lost."""
    bar = two.bob.bar()
    two.bob.write(0, "delay = 30")
    two.ann.write(0, "delay = 20")
    two.ann.write(1, "late = 3")
    two.ann.save()
    expect(bar).to_contain_text("ann changed this notebook at")
    two.bob.keep("share-both")
    bar.get_by_role("button", name="Keep mine").click()
    expect(bar).to_contain_text("Both are merged when you save.")
    two.bob.save()
    expect(bar).to_contain_text("1 cell changed by both")
    for desk in (two.ann, two.bob):
        desk.expect_cells("delay = 30", "delay = 20", "late = 3", "print(delay)")
    two.bob.keep("share-merged")


def settle(two: Two) -> None:
    """Let both change a cell outside of an open tab, and Bob choose."""
    here = two.ann.person.home / "flights/b.ipynb"
    there = two.bob.person.home / PLACE / "b.ipynb"
    notebook.write(here, "speed = 1")
    until(there.exists, "the notebook is at Bob's")
    item = two.bob.item("flights, by ann")
    expect(item).to_contain_text("Up to date")
    two.ann.press("Back")
    version = int(two.ann.person.lab.get("state").json()["mine"][0]["head"])
    # What Ann publishes while Bob's server stands still is news to it afterwards.
    process = two.bob.person.process()
    process.send_signal(signal.SIGSTOP)
    try:
        notebook.write(here, "speed = 'of Ann'")
        until(
            lambda: two.ann.person.lab.get("state").json()["mine"][0]["head"] > version,
            "Ann's change is published",
        )
        notebook.write(there, "speed = 'of Bob'")
    finally:
        process.send_signal(signal.SIGCONT)
    conflicts = item.get_by_role("region", name="Changed by both")
    expect(conflicts).to_contain_text("speed = 'of Ann'")
    expect(conflicts).to_contain_text("speed = 'of Bob'")
    two.bob.keep("share-conflict")
    conflicts.get_by_role("button", name="Take theirs").click()
    expect(conflicts).to_have_count(0)
    until(lambda: "of Bob" not in here.read_text(), "Ann's text is taken")


def restore(two: Two) -> None:
    """Let Ann look at the versions, and go back to the first."""
    two.ann.item("flights").get_by_role("button", name="Versions").click()
    versions = two.ann.shared().get_by_role("list", name="Versions", exact=True)
    second, first = versions.locator("> li").nth(-2), versions.locator("> li").last
    first.get_by_role("button", name=re.compile("Version of")).click()
    second.get_by_role("button", name=re.compile("Version of")).click()
    second.get_by_role("button", name="Show changes").click()
    expect(second).to_contain_text("delay = 10")
    two.ann.keep("share-versions")
    first.get_by_role("button", name="Restore all").click()
    question = first.get_by_role("group", name="Restore all")
    question.get_by_role("button", name="Restore all").click()
    expect(first).to_contain_text("Restored as a new version.")
    two.bob.expect_cells("delay = 1", "late = 2", "print(delay)")
    two.ann.press("Back")


def view(two: Two) -> None:
    """Let Bob only view: he runs, cannot save, and takes a copy with his work."""
    ann, bob = two.ann, two.bob
    number = ann.person.lab.get("state").json()["mine"][0]["id"]
    grant = {"audience": "user", "principal": "bob", "right": "view"}
    ann.person.lab.put(f"shares/{number}/grants", json=grant).raise_for_status()
    expect(bob.bar()).to_contain_text("Shared by ann, can view.")
    bob.write(2, "print(6 * 7)")
    bob.page.keyboard.press("Control+Enter")
    expect(bob.cell(2).locator(".jp-OutputArea-output")).to_have_text("42")
    bob.page.keyboard.press("Control+s")
    expect(bob.bar()).to_contain_text("Nothing was saved: you can view this folder.")
    bob.keep("share-view")
    bob.bar().get_by_role("button", name="Make my copy").click()
    copied = bob.person.home / "flights/delays.ipynb"
    until(lambda: copied.exists() and "6 * 7" in copied.read_text(), "a copy is there")
    assert "6 * 7" not in (bob.person.home / PLACE / "delays.ipynb").read_text()
    bob.page.goto(f"{bob.home}lab/tree/flights/delays.ipynb?reset")
    expect(bob.shared()).to_contain_text("Copy of “flights” by ann, version")
    bob.keep("share-copy")
    bob.page.goto(f"{bob.home}lab/tree/{PLACE}/delays.ipynb?reset")
    bob.wait_for_notebook()


def end(two: Two) -> None:
    """Let Ann end it: it is gone from Bob's list, tab and home."""
    item = two.ann.item("flights")
    item.get_by_role("button", name="Who may see flights").click()
    expect(item).to_contain_text("Opened by 1 person")
    two.ann.keep("share-people")
    item.get_by_role("button", name="End sharing").click()
    two.ann.keep("share-end")
    question = item.get_by_role("group", name="End sharing")
    question.get_by_role("button", name="End sharing").click()
    expect(two.bob.shared()).to_contain_text("Nothing is shared with you yet.")
    expect(two.bob.bar()).to_contain_text("no longer shared with you")
    two.bob.keep("share-ended")
    gone = [two.bob.person.home / PLACE / it for it in ("data.csv", "delays.ipynb")]
    until(lambda: not any(it.exists() for it in gone), "the copy is gone")
    assert (two.ann.person.home / "flights/data.csv").exists()
