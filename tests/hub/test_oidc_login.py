import re
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.support.hub import heading
from tests.support.oidc import OidcHub, Person, call, fields, oidc_hub, problem
from tests.support.waiting import until


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[OidcHub]:
    with oidc_hub(tmp_path_factory.mktemp("oidc")) as hub:
        yield hub


@pytest.fixture
def hub(shared: OidcHub) -> Generator[OidcHub]:
    shared.provider.reset()
    yield shared
    shared.forget_people()


def test_button_leads_to_the_provider_and_back(hub: OidcHub) -> None:
    alice = hub.person("alice")
    page = alice.get("/hub/home")
    assert heading(page) == "Log in"
    assert "Log in with Example University" in page.text

    asked = alice.get("/hub/oauth_login?next=/hub/home")
    answer = alice.sign_in(asked)

    assert fields(asked, "code_challenge_method") == ["S256"]
    assert len(fields(asked, "nonce")[0]) >= 32
    assert answer.url.path == "/hub/home"
    assert answer.status_code == 200
    user = hub.user("alice")
    assert sorted(map(str, user["groups"])) == ["physics", "staff"]  # type: ignore[call-overload]
    assert user["admin"] is False


def test_members_of_an_admin_group_administer(hub: OidcHub) -> None:
    boss, alice = hub.person("boss"), hub.person("alice")
    home, other = boss.log_in(), alice.log_in()

    assert hub.user("boss")["admin"] is True
    link = 'href="/hub/admin"'
    assert link in home.text
    assert link not in other.text
    assert "react-admin-hook" in boss.get("/hub/admin").text
    assert alice.get("/hub/admin").status_code == 403


def test_login_cookies_are_strict(hub: OidcHub) -> None:
    asked = hub.person("alice").get("/hub/oauth_login")
    (cookie,) = asked.history[0].headers.get_list("Set-Cookie")

    # The servers of users are below /user and get none of it.
    assert "Path=/hub/" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_login_is_kept_encrypted(hub: OidcHub) -> None:
    hub.person("alice").log_in()
    state = hub.user("alice")["auth_state"]
    assert isinstance(state, dict)

    kept = b"".join(it.read_bytes() for it in hub.directory.glob("jupyterhub.sqlite*"))

    assert len(state["refresh_token"]) > 20
    assert state["refresh_token"].encode() not in kept
    assert state["id_token"].encode() not in kept
    assert state["refresh_token"] not in hub.log
    assert "access_token" not in state


def test_claims_may_come_from_userinfo_alone(hub: OidcHub) -> None:
    hub.provider.order("options", {"inIdToken": False})
    known = hub.provider.count("me")

    answer = hub.person("alice").log_in()

    assert answer.url.path == "/hub/home"
    assert hub.provider.count("me") == known + 1
    assert "staff" in str(hub.user("alice")["groups"])


def test_user_outside_the_groups_reads_which_one_is_missing(hub: OidcHub) -> None:
    page = hub.person("guest").log_in()

    assert page.status_code == 403
    assert heading(page) == "You cannot log in here"
    assert "“staff”" in problem(page)
    assert "Example University" in problem(page)
    assert "jupyterhub-hub-login" not in page.cookies
    assert not hub.user("guest")


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"preferred_username": None}, "did not send your user name"),
        ({"preferred_username": ""}, "did not send your user name"),
        ({"preferred_username": "../../etc"}, "cannot be used here"),
        ({"preferred_username": "a b"}, "cannot be used here"),
        ({"preferred_username": "a\n"}, "cannot be used here"),
        ({"preferred_username": "<script>"}, "&lt;script&gt;"),
        ({"preferred_username": "ålice"}, "cannot be used here"),
        ({"preferred_username": "a" * 65}, "cannot be used here"),
        ({"preferred_username": ["alice"]}, "did not send your user name"),
        ({"groups": {"staff": True}}, "did not send your groups"),
        ({"groups": ["staff", 7]}, "did not send your groups"),
        ({"groups": None}, "are not in the group"),
    ],
)
def test_unusable_claims_are_reported(
    hub: OidcHub, claims: dict[str, object], told: str
) -> None:
    hub.provider.change("guest", **{"groups": ["staff"], **claims})

    page = hub.person("guest").log_in()

    assert page.status_code == 403
    assert told in problem(page)
    assert "Traceback" not in page.text


@pytest.mark.parametrize("name", ["alice", "ALICE"])
def test_one_name_is_never_two_people(hub: OidcHub, name: str) -> None:
    hub.person("alice").log_in()
    hub.provider.change("guest", preferred_username=name, groups=["staff"])

    page = hub.person("guest").log_in()

    assert page.status_code == 403
    assert "belongs to another user" in problem(page)
    hub.provider.reset()
    assert hub.person("alice").log_in().url.path == "/hub/home"


def test_name_is_free_when_its_user_was_removed(hub: OidcHub) -> None:
    hub.provider.change("guest", preferred_username="second", groups=["staff"])
    hub.person("guest").log_in()
    hub.provider.change("alice", preferred_username="second")
    assert hub.person("alice").log_in().status_code == 403

    hub.call("DELETE", "/users/second")

    assert hub.person("alice").log_in().url.path == "/hub/home"


def test_answer_to_another_browser_is_refused(hub: OidcHub) -> None:
    alice, other = hub.person("alice"), hub.person("other")
    alice.http.follow_redirects = False
    answer = alice.get("/hub/oauth_login")
    while "code=" not in (place := answer.headers["location"]):
        answer = alice.http.get(answer.url.join(place))
        if answer.status_code == 200:
            answer = alice.sign_in(answer)

    page = other.get(answer.headers["location"])

    assert page.status_code == 400
    assert "another tab or browser" in problem(page)
    assert not other.is_in
    done = alice.http.get(answer.headers["location"])
    assert done.status_code == 302
    assert alice.is_in
    # Nor does the same answer count twice.
    assert alice.http.get(answer.headers["location"]).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["", "?state=x&code=y", "?code=y", "?error=access_denied&state=", "?state=%C3%A9"],
)
def test_answers_without_a_question_are_refused(hub: OidcHub, query: str) -> None:
    page = hub.person("alice").get(f"/hub/oauth_callback{query}")

    assert page.status_code == 400
    assert heading(page) == "This login was not finished"
    assert "Traceback" not in page.text


def begun(hub: OidcHub) -> tuple[httpx.Client, str]:
    """Begin a login, and return the browser with its state."""
    alice = hub.person("alice")
    return alice.http, fields(alice.get("/hub/oauth_login"), "state")[0]


def test_another_provider_cannot_answer(hub: OidcHub) -> None:
    for issuer in ("https://evil.example.org", ""):
        browser, state = begun(hub)
        query = {"state": state, "code": "x", **({"iss": issuer} if issuer else {})}

        page = browser.get("/hub/oauth_callback", params=query)

        assert page.status_code == 400
        assert "another identity provider" in problem(page)


def test_made_up_code_is_refused(hub: OidcHub) -> None:
    browser, state = begun(hub)
    query = {"state": state, "code": "made-up", "iss": hub.provider.issuer}

    page = browser.get("/hub/oauth_callback", params=query)

    assert page.status_code == 400
    assert "took too long, or was used already" in problem(page)


def test_cancelled_login_is_reported_without_the_providers_words(hub: OidcHub) -> None:
    alice = hub.person("alice")

    page = alice.sign_in(alice.get("/hub/oauth_login"), cancel="<b>Hostile words</b>")

    assert page.status_code == 400
    assert problem(page) == "Example University did not log you in."
    assert "Hostile" not in page.text


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/hub/token", "/hub/token"),
        ("https://evil.example.org/hub/home", "/hub/home"),
        ("//evil.example.org/hub/home", "/hub/home"),
        ("\\\\evil.example.org/hub/home", None),
    ],
)
def test_login_goes_on_to_local_pages_alone(
    hub: OidcHub, asked: str, path: str | None
) -> None:
    page = hub.person("alice").log_in(asked)

    assert page.url.host == "127.0.0.1"
    assert path is None or page.url.path == path


def test_no_user_logs_in_by_a_form(hub: OidcHub) -> None:
    alice = hub.person("alice")
    token = re.search(r'name="_xsrf" value="([^"]+)"', alice.get("/hub/login").text)
    xsrf = {"_xsrf": token[1] if token else alice.http.cookies.get("_xsrf") or ""}

    answer = alice.http.post("/hub/login", params=xsrf, data={"username": "alice"})

    assert answer.status_code in {403, 405}
    assert not alice.is_in


def test_logout_ends_the_login_at_the_provider_too(hub: OidcHub) -> None:
    alice = hub.person("alice")
    alice.log_in()
    revoked = hub.provider.count("revocation")

    page = alice.log_out()
    assert fields(page, "post_logout_redirect_uri") == [f"{hub.url}/hub/login"]
    assert fields(page, "id_token_hint")
    (form,) = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    action = re.findall(r'action="([^"]+)"', form)[0]
    back = alice.http.post(action, data={**hidden, "logout": "yes"})

    assert back.url.path == "/hub/login"
    assert back.url.host == "127.0.0.1"
    assert not alice.is_in
    assert hub.user("alice")["auth_state"] is None
    assert hub.provider.count("revocation") == revoked + 1
    # The provider asks for the password again.
    assert "/interaction/" in alice.get("/hub/oauth_login").url.path


def test_logout_ends_the_login_in_other_browsers_and_leaves_the_server(
    hub: OidcHub,
) -> None:
    alice, elsewhere = hub.person("alice"), hub.person("alice")
    alice.log_in()
    elsewhere.log_in()
    thief = alice.copied()
    server = alice.start_server()
    copies = (thief, elsewhere)
    # The control.
    assert [it.is_in for it in copies] == [True, True]

    alice.log_out()

    assert [it.is_in for it in copies] == [False, False]
    assert server.is_alive()
    assert call(f"{hub.url}/hub/api/user", server.token).is_success
    assert alice.log_in().url.path == "/hub/home"
    assert [it.is_in for it in copies] == [False, False]


def test_logout_works_while_the_provider_is_down(hub: OidcHub) -> None:
    alice = hub.person("alice")
    alice.log_in()
    hub.provider.order("down", value=True)

    alice.http.follow_redirects = False
    alice.log_out()
    alice.http.follow_redirects = True

    assert not alice.is_in


def test_no_user_is_redirected_to_a_provider_that_is_down(hub: OidcHub) -> None:
    hub.person("alice").log_in()
    hub.provider.order("down", value=True)
    guest = hub.person("guest")
    guest.http.follow_redirects = False

    page = until(lambda: told(guest), "the hub has noticed")

    assert heading(page) == "Nobody can log in at the moment"
    assert "servers that run go on" in page.text
    hub.provider.order("down", value=False)
    until(lambda: not told(guest), "the hub has noticed")


def told(person: Person) -> httpx.Response | None:
    page = person.get("/hub/oauth_login")
    return page if page.status_code == 503 else None


def test_hub_starts_without_the_provider_and_finds_it_later(tmp_path: Path) -> None:
    with oidc_hub(tmp_path, is_up=False) as hub:
        alice = hub.person("alice")
        assert "Log in with" in alice.get("/hub/login").text
        page = alice.log_in()
        assert page.status_code == 503
        assert heading(page) == "Nobody can log in at the moment"
        assert "does not answer" in problem(page)
        assert "Traceback" not in hub.log

        wrong = {"discovery": {"issuer": "https://evil.example.org"}}
        hub.provider.order("options", wrong)
        hub.provider.order("down", value=False)
        page = until(lambda: refused(hub), "the wrong issuer is refused")
        assert "metadata cannot be used" in problem(page)
        assert "it names the issuer https://evil.example.org" in hub.log

        hub.provider.reset()
        until(lambda: hub.person("alice").log_in().is_success, "the provider is found")
        assert "staff" in str(hub.user("alice")["groups"])


def refused(hub: OidcHub) -> httpx.Response | None:
    page = hub.person("alice").log_in()
    return page if page.status_code == 502 else None
