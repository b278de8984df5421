import re
from collections.abc import Generator

import pytest
from cygnet_hub.auth import login_link

from tests.support.client import ask
from tests.support.hub import RunningHub, heading, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("login")) as hub:
        yield hub


def test_link_is_spent_by_its_button_and_not_by_a_preview(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links)
    for _ in range(2):
        preview = ask("GET", f"{hub.url}/hub/login-link?token={token}")
        assert preview.status_code == 200
        assert "jupyterhub-hub-login" not in preview.cookies
    ask("HEAD", f"{hub.url}/hub/login-link?token={token}")

    person = hub.visitor()
    page = person.spend(token)

    assert page.status_code == 200
    assert heading(page) == "Start my server"
    assert "token" not in str(page.url)


def test_second_use_is_refused_with_reason_and_remedy(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links)
    hub.visitor().spend(token)

    page = hub.visitor().spend(token)

    assert page.status_code == 403
    assert heading(page) == "Log in"
    assert "used already" in page.text
    assert "cygnet login-link" in page.text
    assert token not in page.text


@pytest.mark.parametrize("token", ["unknown", "", "../../hub.sqlite", "a%00b", "é"])
def test_unknown_link_is_refused(hub: RunningHub, token: str) -> None:
    page = hub.visitor().spend(token)

    assert page.status_code == 403
    assert "not valid" in page.text
    assert "Traceback" not in page.text


def test_expired_link_is_refused(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links, lifetime=-login_link.LIFETIME)

    assert hub.visitor().spend(token).status_code == 403


def test_post_without_the_pages_cookie_is_refused_and_costs_nothing(
    hub: RunningHub,
) -> None:
    token = login_link.issue(hub.data.login_links)

    answer = ask("POST", f"{hub.url}/hub/login-link", data={"link": token})

    assert answer.status_code == 403
    assert hub.visitor().spend(token).is_success


@pytest.mark.parametrize("whole", [True, False])
def test_login_page_takes_a_pasted_link_or_code(
    hub: RunningHub, *, whole: bool
) -> None:
    token = login_link.issue(hub.data.login_links)
    person = hub.visitor()
    page = person.get("/hub/home")
    assert heading(page) == "Log in"
    assert "cygnet login-link" in page.text

    link = f" {login_link.url(hub.settings.port, token)} " if whole else token
    answer = person.submit(page, link=link)

    assert answer.is_success
    assert answer.url.path == "/hub/home"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/hub/home", "/hub/home"),
        ("/hub/spawn?cores=1", "/hub/spawn"),
        ("https://example.org/", "/hub/spawn"),
        ("//example.org/hub/home", "/hub/spawn"),
        ("\\\\example.org", "/hub/spawn"),
        ("javascript:alert(1)", "/hub/spawn"),
    ],
)
def test_login_goes_on_to_local_pages_alone(
    hub: RunningHub, asked: str, path: str
) -> None:
    person = hub.visitor()

    page = person.spend(login_link.issue(hub.data.login_links), next=asked)

    assert page.url.host == "127.0.0.1"
    assert page.url.path == path


def test_link_of_a_logged_in_user_stays_unspent(hub: RunningHub) -> None:
    person = hub.owner()
    token = login_link.issue(hub.data.login_links)

    page = person.get(f"/hub/login-link?token={token}&next=/hub/home")

    assert page.url.path == "/hub/home"
    assert hub.visitor().spend(token).is_success


def test_other_name_is_refused_and_the_link_is_not_spent(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links)

    page = hub.visitor().spend(token, username="other")

    assert page.status_code == 403
    assert "share that system account" in page.text
    assert hub.visitor().spend(token).is_success


@pytest.mark.parametrize(
    "path",
    ["/hub/spawn/other", "/hub/user/other/lab", "/user/other/", "/hub/spawn/other/x"],
)
def test_pages_of_a_second_person_say_why_there_is_none(
    hub: RunningHub, path: str
) -> None:
    page = hub.owner().get(path)

    assert page.status_code == 403
    assert "share that system account" in page.text
    assert "Kubernetes" in page.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/users/other"),
        ("POST", "/users/other/server"),
        ("POST", "/users/other/tokens"),
        ("GET", "/users/other"),
    ],
)
def test_rest_api_refuses_a_second_person(
    hub: RunningHub, method: str, path: str
) -> None:
    answer = hub.call(method, path)

    assert answer.status_code == 403
    assert "share that system account" in answer.json()["message"]


def test_rest_api_creates_no_list_of_people(hub: RunningHub) -> None:
    answer = hub.call("POST", "/users", {"usernames": ["other", "third"]})

    assert answer.status_code == 400
    assert "share that system account" in answer.json()["message"]
    assert [it["name"] for it in hub.call("GET", "/users").json()] == [
        hub.settings.owner
    ]


def test_headers_and_cookies_are_strict(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links)
    person = hub.visitor()
    page = person.get(f"/hub/login-link?token={token}")

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]

    answer = person.submit(page).history[0]
    cookies = answer.headers.get_list("Set-Cookie")
    (login,) = (it for it in cookies if it.startswith("jupyterhub-hub-login="))
    assert "HttpOnly" in login
    assert "SameSite=Lax" in login


def test_logs_hold_no_secret(hub: RunningHub) -> None:
    token = login_link.issue(hub.data.login_links)
    person = hub.visitor()
    person.spend(token)
    person.submit(hub.visitor().get("/hub/login"), link="n0t-a-t0ken-but-pasted")
    cookies = [re.sub(r'"', "", it) for it in person.http.cookies.values()]
    secrets = [
        token,
        "n0t-a-t0ken-but-pasted",
        (hub.data_dir / "cookie_secret").read_text(encoding="ascii").strip(),
        hub.settings.api_token.get_secret_value(),
        *cookies,
    ]

    assert len(cookies) == 3
    assert not [it for it in secrets if it in hub.log]
