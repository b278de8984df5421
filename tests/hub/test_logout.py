import time
from collections.abc import Generator
from email.utils import parsedate_to_datetime

import httpx
import pytest
import websocket
from cygnet_hub.auth import login_link
from cygnet_hub.auth.login_cookie import LIFETIME

from tests.support.client import client
from tests.support.hub import RunningHub, Visitor, heading, running_hub
from tests.support.waiting import until

ASKED_AGAIN_S = 10
"""How long a server may believe in a login without having asked."""
ROUND_S = 5
"""What a busy machine needs beside that."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("logout")) as hub:
        yield hub


@pytest.fixture
def owner(hub: RunningHub) -> Visitor:
    """The owner, whose server runs."""
    owner = hub.owner()
    if owner.headline("/hub/home") != "Your server is running":
        owner.start_server(cores="1", memory="700m", opens="workspace")
    assert lab(hub, owner).is_success
    return owner


def lab(hub: RunningHub, browser: Visitor) -> httpx.Response:
    return browser.get(f"/user/{hub.settings.owner}/lab")


def status(hub: RunningHub, browser: Visitor) -> int:
    """Ask the server for something that no redirect leads away from."""
    url = f"/user/{hub.settings.owner}/api/status"
    return browser.http.get(url, follow_redirects=False).status_code


def thief(hub: RunningHub, owner: Visitor, *, leave_out: str = "") -> Visitor:
    """Return a browser with copies of another's cookies."""
    thief = hub.visitor()
    for cookie in owner.http.cookies.jar:
        if cookie.name != leave_out:
            thief.http.cookies.jar.set_cookie(cookie)
    return thief


def socket(hub: RunningHub, browser: Visitor) -> websocket.WebSocket:
    """Open a WebSocket of the server with a browser's cookies."""
    cookies = {it.name: it.value for it in browser.http.cookies.jar}
    return websocket.create_connection(
        f"ws://127.0.0.1:{hub.settings.port}/user/{hub.settings.owner}"
        "/api/events/subscribe",
        cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        timeout=ASKED_AGAIN_S + ROUND_S,
    )


def test_copied_cookies_are_worth_nothing_after_the_logout(
    hub: RunningHub, owner: Visitor
) -> None:
    # A session of the thief's own is none that the owner's browser could name.
    copies = [thief(hub, owner), thief(hub, owner, leave_out="jupyterhub-session-id")]
    sockets = [socket(hub, it) for it in copies if lab(hub, it).is_success]
    # The control: until then they are as good as the owner's.
    assert len(sockets) == len(copies)
    assert {heading(it.get("/hub/home")) for it in copies} == {"Your server is running"}
    assert {status(hub, it) for it in copies} == {200}
    servers = hub.server_pids

    assert heading(owner.log_out()) == "Log in"
    begun = time.monotonic()

    assert {heading(it.get("/hub/home")) for it in copies} == {"Log in"}
    refused = {302, 403}
    until(lambda: {status(hub, it) for it in copies} <= refused, "they are refused")
    for it in sockets:
        # What it says before it is closed are messages of the server.
        while it.recv_data(control_frame=True)[0] != websocket.ABNF.OPCODE_CLOSE:
            pass
        it.shutdown()  # type: ignore[no-untyped-call]  # No types.
    assert time.monotonic() - begun < ASKED_AGAIN_S + ROUND_S
    assert "/user/" not in str(lab(hub, copies[0]).url)
    assert hub.server_pids >= servers


def test_owners_other_browser_logs_in_again(hub: RunningHub, owner: Visitor) -> None:
    other = hub.owner()
    assert other.get("/hub/home").is_success

    owner.log_out()

    assert heading(other.get("/hub/home")) == "Log in"
    other.spend(login_link.issue(hub.data.login_links))
    assert heading(other.get("/hub/home")) == "Your server is running"


def test_personal_token_outlives_the_logout(hub: RunningHub, owner: Visitor) -> None:
    made = hub.call("POST", f"/users/{hub.settings.owner}/tokens", {"note": "mine"})
    token = made.json()["token"]

    owner.log_out()

    with client(hub.url) as script:
        script.headers["Authorization"] = f"token {token}"
        assert script.get("/hub/api/user").is_success


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_link_or_picture_logs_no_user_out(owner: Visitor, method: str) -> None:
    page = owner.http.request(method, "/hub/logout")

    assert page.is_success or page.status_code == 405
    assert heading(owner.get("/hub/home")) == "Your server is running"


def test_form_of_another_page_logs_no_user_out(owner: Visitor) -> None:
    for data in ({}, {"_xsrf": "made-up"}):
        assert owner.http.post("/hub/logout", data=data).status_code == 403

    assert heading(owner.get("/hub/home")) == "Your server is running"


def test_page_of_the_logout_says_what_stays(hub: RunningHub, owner: Visitor) -> None:
    page = owner.get("/hub/logout")

    assert heading(page) == "Log out"
    assert "in every browser" in page.text
    assert "go on" in page.text
    # Who is logged out already has nothing to press.
    assert heading(hub.visitor().get("/hub/logout")) == "Log in"


def test_jupyterlabs_own_logout_leads_to_the_button(
    hub: RunningHub, owner: Visitor
) -> None:
    page = owner.get(f"/user/{hub.settings.owner}/logout")

    assert heading(owner.submit(page)) == "Log in"
    assert heading(owner.get("/hub/home")) == "Log in"


def test_cookies_end_when_the_login_does(hub: RunningHub, owner: Visitor) -> None:
    person = hub.visitor()
    token = login_link.issue(hub.data.login_links)
    page = person.submit(person.get(f"/hub/login-link?token={token}"))
    answers = [*page.history, *lab(hub, person).history]
    cookies = [c for it in answers for c in it.headers.get_list("Set-Cookie")]
    logins = [
        it for it in cookies if it.startswith(("jupyterhub-hub-", "jupyterhub-u"))
    ]
    kept = [it for it in logins if '=""' not in it and "oauth-state" not in it]

    assert len(kept) == 2
    for it in kept:
        end = parsedate_to_datetime(it.partition("expires=")[2].partition(";")[0])
        assert end.timestamp() - time.time() <= LIFETIME.total_seconds()
    tokens = hub.call("GET", f"/users/{hub.settings.owner}/tokens").json()["api_tokens"]
    assert [it for it in tokens if it["oauth_client"] and it["expires_at"]]
    assert owner.get("/hub/home").is_success
