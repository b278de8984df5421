import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    StorageState,
    expect,
    sync_playwright,
)

from tests.support.lab import SLOW_MS, Lab, chromium, log_in, start_server
from tests.support.running_service import RunningService, running_service
from tests.support.share_hub import Host, ShareHub, running_share_hub

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Login:
    """What a browser has after its login."""

    home: str
    """The URL of the notebook server."""
    cookies: StorageState
    """What makes a fresh browser one that was logged in."""


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


@pytest.fixture(scope="session")
def share_hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[ShareHub]:
    """Ann and Bob, with a host name each, and what they share."""
    directory = tmp_path_factory.mktemp("people")
    with running_share_hub(directory, host=Host.EACH) as hub:
        yield hub


@pytest.fixture
def new_context(browser: Browser) -> Generator[Callable[..., BrowserContext]]:
    """Give browsers that know nothing of each other, closed after the test."""
    contexts = []

    def make(cookies: StorageState | None = None) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, storage_state=cookies
        )
        context.set_default_timeout(SLOW_MS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def login(browser: Browser, service: RunningService) -> Login:
    """A person's way in by a link, with the server started, for browsers to come."""
    with browser.new_context() as context:
        context.set_default_timeout(SLOW_MS)
        page = context.new_page()
        log_in(page, service.run("login-link").stdout.strip())
        return Login(start_server(page), context.storage_state())


@pytest.fixture
def new_lab(
    new_context: Callable[..., BrowserContext], login: Login
) -> Callable[[], Lab]:
    """Give JupyterLab in a browser of its own that has been logged in before."""

    def make() -> Lab:
        return Lab(new_context(login.cookies).new_page(), login.home)

    return make


@pytest.fixture
def lab(new_lab: Callable[[], Lab]) -> Lab:
    return new_lab()
