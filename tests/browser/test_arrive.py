import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.support import notebook
from tests.support.lab import LAB_READY, Lab, keep, log_in
from tests.support.running_service import RunningService

CODE_CELLS = 7


def keep_both(page: Page, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    keep(page, name, theme="dark")
    page.emulate_media(color_scheme="light")
    keep(page, name)


def test_newcomer_comes_from_the_link_to_a_plot_of_real_data(
    service: RunningService, new_context: Callable[[], BrowserContext]
) -> None:
    page = new_context().new_page()

    # A chat's preview reads the link before the person does: nothing is spent.
    for _ in range(2):
        page.goto(service.link)
        expect(page.get_by_role("button", name="Log in")).to_be_visible()
    keep_both(page, "login-link")
    log_in(page, service.link)

    # The form says what its limits mean; starting shows progress in words.
    expect(page.get_by_text("Limits for Spark")).to_be_visible()
    keep_both(page, "start-form")
    page.get_by_role("button", name="Start my server").click()
    expect(page.get_by_role("log", name="What happens")).to_contain_text("server")
    keep_both(page, "starting")
    expect(page.locator(LAB_READY)).to_be_visible()

    # The example lies there, and all of it runs.
    lab = Lab(page, page.url.split("/lab")[0] + "/")
    lab.open("examples/flights.ipynb")
    lab.wait_for_kernel()
    lab.run_all()
    last = page.locator(".jp-NotebookPanel .jp-CodeCell").last
    panel = page.get_by_role("region", name="Spark jobs of this cell").first
    expect(panel).to_be_visible()
    lab.keep("flights-running")
    expect(last.locator("img")).to_be_visible()
    lab.show_end()
    lab.keep("flights-plot")

    lab.save()
    flights = service.root / "examples" / "flights.ipynb"
    assert notebook.errors(flights) == []
    assert notebook.execution_counts(flights) == list(range(1, CODE_CELLS + 1))


def test_login_link_that_was_used_says_how_to_get_another(
    service: RunningService, new_context: Callable[[], BrowserContext]
) -> None:
    link = service.run("login-link").stdout.strip()
    log_in(new_context().new_page(), link)

    page = new_context().new_page()
    page.goto(link)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert")).to_contain_text("cygnet login-link")
    keep_both(page, "login-link-spent")


def test_killed_server_is_shown_on_the_page(service: RunningService, lab: Lab) -> None:
    status = service.run("status")
    assert status.returncode == 0, status.stdout + status.stderr
    server = service.notebook_server()

    server.kill()

    page = lab.page.context.new_page()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(f"{lab.home.split('/user/')[0]}/hub/home")
        if page.get_by_text("Your server is not running").is_visible():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_role("alert")).to_contain_text("SIGKILL")
    keep_both(page, "server-died")
    page.get_by_role("link", name="Start my server").click()
    page.get_by_role("button", name="Start my server").click()
    expect(page.locator(LAB_READY)).to_be_visible()
