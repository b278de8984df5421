import shutil
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.support.lab import SLOW_MS, Lab, chromium, log_in, start_server
from tests.support.running_service import RunningService, running_service

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is missing: `apt-get install chromium` as root.")
    with sync_playwright() as playwright, chromium(playwright, program) as browser:
        expect.set_options(timeout=SLOW_MS)
        yield browser


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def new_context(browser: Browser) -> Generator[Callable[[], BrowserContext]]:
    """Give browsers that know nothing of each other, closed after the test."""
    contexts = []

    def make() -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(SLOW_MS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_lab(
    new_context: Callable[[], BrowserContext], service: RunningService
) -> Callable[[], Lab]:
    """Give JupyterLab in a browser of its own, logged in by a link of its own."""

    def make() -> Lab:
        page = new_context().new_page()
        log_in(page, service.run("login-link").stdout.strip())
        return Lab(page, start_server(page))

    return make


@pytest.fixture
def lab(new_lab: Callable[[], Lab]) -> Lab:
    return new_lab()
