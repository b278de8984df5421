"""What a page of another person's server can do to whoever opens it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.lab import SITE, SLOW_MS
from tests.support.origin_hub import log_in, running_origin_hub, start

# Of a page of the attacker's: makes a full token of the visitor's, and uses it. Cookies
# of the hub's path are read in a frame with one of its files.
TAKE_OVER = """async (hub) => {
  try {
    const frame = document.createElement("iframe");
    const loaded = new Promise(done => frame.addEventListener("load", done));
    frame.src = `${hub}/hub/static/js/darkmode.js`;
    document.body.append(frame);
    await loaded;
    const token = /_xsrf=([^;]+)/.exec(frame.contentWindow.document.cookie)[1];
    const made = await fetch(`${hub}/hub/api/users/bob/tokens?_xsrf=${token}`, {
      method: "POST", headers: {"Content-Type": "application/json"}, body: "{}",
    });
    const bearer = {Authorization: `token ${(await made.json()).token}`};
    const me = await fetch(`${hub}/hub/api/user`, {headers: bearer});
    return (await me.json()).name;
  } catch (error) {
    return error.name;
  }
}"""
# The same without the token, which the attacker may have from elsewhere.
READ = """async (hub) => {
  try {
    const answer = await fetch(`${hub}/hub/api/user`, {credentials: "include"});
    return answer.status;
  } catch (error) {
    return error.name;
  }
}"""
SET_COOKIES = """([cookies, site]) => {
  for (const [name, value, path] of cookies)
    document.cookie = `${name}=${value}; Domain=${site}; Path=${path}; Secure`;
}"""
POST_FORM = """([address, token]) => {
  document.body.innerHTML = `<form method="POST" action="${address}">
    <input name="_xsrf" value="${token}"></form>`;
  document.forms[0].submit();
}"""
INLINE = """() => {
  document.body.insertAdjacentHTML("beforeend", "<img src='x:' onerror='ran = true'>");
  return new Promise(done => setTimeout(() => done(window.ran === true), 500));
}"""
NewPage = Callable[[], Page]


@dataclass(frozen=True, slots=True)
class Scene:
    """A hub, and Alice's running server, whose pages are what Alice makes of them."""

    hub: str
    hers: str
    """The address of her server."""
    alice: Page
    new_page: NewPage

    def visitor(self, name: str = "bob") -> Page:
        """Give a browser of somebody who has logged in, on a page of Alice's."""
        page = self.new_page()
        log_in(page, self.hub, name)
        page.goto(self.hers)
        return page

    def cookie(self, name: str) -> tuple[str, str]:
        """Give one of Alice's cookies, which she can read, by the end of its name."""
        found = self.alice.context.cookies(f"{self.hub}/hub/")
        (it,) = [it for it in found if str(it.get("name")).endswith(name)]
        return str(it.get("name")), str(it.get("value"))


@contextmanager
def scene(
    directory: Path, browser: Browser, *, is_apart: bool, extra: str = ""
) -> Generator[Scene]:
    contexts: list[BrowserContext] = []

    def new_page() -> Page:
        contexts.append(browser.new_context(ignore_https_errors=True))
        contexts[-1].set_default_timeout(SLOW_MS)
        return contexts[-1].new_page()

    with running_origin_hub(directory, is_apart=is_apart, extra=extra) as hub:
        alice = new_page()
        log_in(alice, hub, "alice")
        yield Scene(hub, start(alice, hub), alice, new_page)
        for it in contexts:
            it.close()


@pytest.fixture(scope="module")
def apart(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Generator[Scene]:
    """Each person's servers have a host name of their own."""
    with scene(tmp_path_factory.mktemp("apart"), browser, is_apart=True) as it:
        yield it


@pytest.fixture(scope="module")
def together(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Generator[Scene]:
    """Everything has one host name."""
    with scene(tmp_path_factory.mktemp("together"), browser, is_apart=False) as it:
        yield it


@pytest.fixture(scope="module")
def unbound(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Generator[Scene]:
    """Host names of their own, but cookies that any of them can set."""
    directory = tmp_path_factory.mktemp("unbound")
    extra = "c.JupyterHub.cookie_host_prefix_enabled = False"
    with scene(directory, browser, is_apart=True, extra=extra) as it:
        yield it


def name_on(page: Page, hub: str) -> str:
    """Read on the hub's page who is logged in."""
    page.goto(f"{hub}/hub/home")
    return page.locator(".cygnet-name").inner_text()


def test_page_of_another_person_gets_no_token(apart: Scene, together: Scene) -> None:
    page = apart.visitor()

    assert page.evaluate(TAKE_OVER, apart.hub) == "SecurityError"
    assert page.evaluate(READ, apart.hub) == "TypeError"
    # Of one host name it can.
    assert together.visitor().evaluate(TAKE_OVER, together.hub) == "bob"


def test_cookie_of_a_persons_host_is_none_of_the_hubs(
    apart: Scene, unbound: Scene
) -> None:
    for it, found in ((apart, "bob"), (unbound, "alice")):
        page = it.visitor()
        name, value = it.cookie("jupyterhub-hub-login")
        names = (name, name.removeprefix("__Host-"))
        cookies = [(each, value, path) for each in names for path in ("/", "/hub/")]
        page.evaluate(SET_COOKIES, [cookies, SITE])

        assert name_on(page, it.hub) == found


def test_form_of_another_persons_page_is_refused(apart: Scene) -> None:
    page = apart.visitor()
    _, token = apart.cookie("_xsrf")
    page.evaluate(SET_COOKIES, [[("_xsrf", token, "/hub/spawn")], SITE])
    with page.expect_navigation() as sent:
        page.evaluate(POST_FORM, [f"{apart.hub}/hub/spawn", token])

    assert sent.value.status == 403
    page.context.clear_cookies(name="_xsrf")
    page.goto(f"{apart.hub}/hub/home")
    expect(page.get_by_role("link", name="Start")).to_be_visible()
    # Bob's own does it.
    assert start(page, apart.hub).startswith("https://bob.")


def test_hub_has_no_pages_on_persons_hosts(apart: Scene) -> None:
    page = apart.visitor()
    host = apart.hers.partition("/user/")[0]
    post = """async (host) => {
      const answers = ["/hub/logout", "/hub/login", "/hub/api/user"].map(
        path => fetch(host + path, {method: "POST"}));
      return (await Promise.all(answers)).map(it => it.status);
    }"""

    assert host.startswith("https://alice.")
    assert page.evaluate(post, host) == [421, 421, 421]
    page.goto(f"{host}/hub/home")
    assert page.url == f"{apart.hub}/hub/home"


@pytest.mark.parametrize("place", ["login", "home", "spawn", "token", "admin"])
def test_pages_of_the_hub_run_their_own_scripts_only(apart: Scene, place: str) -> None:
    page = apart.new_page()
    complaints: list[str] = []
    page.on("console", lambda it: complaints.append(it.text))
    if place != "login":
        log_in(page, apart.hub, "root")

    answer = page.goto(f"{apart.hub}/hub/{place}", wait_until="networkidle")

    assert answer is not None
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    page.locator("#dark-theme-toggle").click()
    expect(page.locator("html[data-bs-theme=dark]")).to_be_visible()
    assert not [it for it in complaints if "Content Security Policy" in it]
    assert not page.evaluate(INLINE)
    # The inline script runs where nothing forbids it.
    page.goto(apart.hers)
    assert page.evaluate(INLINE)
