from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cygnet_hub import sharing

from tests.support.oidc import CRYPT_KEY, OidcHub, Person, call, oidc_hub, problem
from tests.support.port import free_ports
from tests.support.waiting import listens, until

EXTRA = """
settings = c.OidcAuthenticator.oidc
c.OidcAuthenticator.oidc = settings.model_copy(update={"grace_seconds": 6})
c.OidcAuthenticator.auth_refresh_age = 1
"""
SHARING = """
from cygnet_hub import sharing
sharing.configure(c, sharing.SharingService(
    target="http://127.0.0.1:{port}",
    command=(sys.executable, "-m", "cygnet_share"),
    environment={{"CYGNET_SHARE_DIR": {place!r}, "CYGNET_SHARE_FRESH_SECONDS": "1"}},
))
"""


@pytest.fixture(scope="module")
def port() -> int:
    """Where the sharing service is."""
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, port: int) -> Generator[OidcHub]:
    place = tmp_path_factory.mktemp("refresh")
    extra = EXTRA + SHARING.format(port=port, place=str(place / "share"))
    with oidc_hub(place, extra) as hub:
        yield hub


@pytest.fixture
def hub(shared: OidcHub) -> Generator[OidcHub]:
    shared.provider.reset()
    yield shared
    shared.forget_people()


@pytest.fixture
def alice(hub: OidcHub) -> Person:
    person = hub.person("alice")
    assert person.log_in().is_success
    return person


def groups(person: Person) -> set[str]:
    person.get("/hub/home")
    found = person.hub.user(person.name)["groups"]
    assert isinstance(found, list)
    return set(found)


def test_changed_groups_arrive_without_a_login(hub: OidcHub, alice: Person) -> None:
    hub.provider.change("alice", groups=["staff", "chemistry"])

    until(lambda: groups(alice) == {"staff", "chemistry"}, "the groups arrive")

    assert alice.is_in


def test_former_administrator_is_none_any_more(hub: OidcHub) -> None:
    boss = hub.person("boss")
    boss.log_in()
    assert hub.user("boss")["admin"] is True
    hub.provider.change("boss", groups=["staff"])

    until(lambda: groups(boss) == {"staff"}, "the groups arrive")

    assert hub.user("boss")["admin"] is False
    assert "admin" not in str(hub.user("boss")["roles"])
    assert boss.is_in


def test_many_requests_at_once_spend_one_refresh_token(
    hub: OidcHub, alice: Person
) -> None:
    # Twice the same one, and the provider would end the login.
    with ThreadPoolExecutor(12) as pool:
        for _ in range(3):
            until(lambda: hub.provider.count("token") > 0, "some time passes")
            pages = list(pool.map(alice.get, ["/hub/token"] * 12))
            assert {it.url.path for it in pages} == {"/hub/token"}

    assert alice.is_in
    assert "login ended" not in hub.log


def test_removed_member_is_logged_out_and_the_server_goes_on(
    hub: OidcHub, alice: Person
) -> None:
    server = alice.start_server()
    mine = alice.token()
    me = f"{hub.url}/hub/api/user"
    assert call(me, mine).is_success
    thief = alice.copied()
    assert thief.is_in
    hub.provider.change("alice", groups=["visitors"])

    until(lambda: not alice.is_in, "alice is logged out")

    assert groups(alice) == set()
    page = alice.log_in()
    assert page.status_code == 403
    assert "“staff”" in problem(page)
    # No other way in: neither with a token of before nor for an administrator.
    assert call(me, mine).status_code == 403
    assert server.is_alive()
    activity = f"{hub.url}/hub/api/users/alice/activity"
    reported = call(
        activity, server.token, "POST", {"last_activity": "2026-01-01T00:00:00Z"}
    )
    assert reported.is_success
    hub.call("DELETE", "/users/alice/server")
    until(lambda: not hub.user("alice")["servers"], "the server is stopped")
    started = hub.call("POST", "/users/alice/server")
    assert started.status_code == 403
    assert "does not confirm" in started.json()["message"]

    hub.provider.reset()
    assert alice.log_in().is_success
    assert alice.is_in
    assert not thief.is_in


def test_server_of_a_removed_member_goes_on_sharing_and_no_other_token_does(
    hub: OidcHub, alice: Person, port: int
) -> None:
    address = f"http://127.0.0.1:{port}/services/share/api/shares"
    server = alice.start_server()
    # Like that of a server, but for the server that it is said to be of.
    forged = {"note": "Server at /user/alice/old/", "scopes": [sharing.ACCESS]}
    made = hub.call("POST", "/users/alice/tokens", forged)
    own = (alice.token(), alice.token("Server at /user/alice/"), made.json()["token"])

    def publish(token: str) -> int:
        answer = call(address, token, "POST", {"title": "Week 1"})
        return answer.status_code

    until(lambda: listens(port), "the sharing service is there")
    assert {publish(it) for it in (server.token, *own)} == {201}
    hub.provider.change("alice", groups=["visitors"])
    until(lambda: not alice.is_in, "alice is logged out")

    until(lambda: {publish(it) for it in own} == {403}, "the tokens have ended")
    assert publish(server.token) == 201
    activity = f"{hub.url}/hub/api/users/alice/activity"
    now = {"last_activity": "2026-01-01T00:00:00Z"}
    assert call(activity, server.token, "POST", now).is_success


def test_token_of_a_removed_member_starts_nothing(hub: OidcHub, alice: Person) -> None:
    mine = alice.token()
    hub.provider.change("alice", groups=["visitors"])

    answer = call(f"{hub.url}/hub/api/users/alice/server", mine, "POST")

    assert answer.status_code == 403
    assert not hub.user("alice")["servers"]


def test_start_button_of_a_removed_member_starts_nothing(
    hub: OidcHub, alice: Person
) -> None:
    hub.provider.change("alice", groups=["visitors"])

    page = alice.get("/hub/spawn")

    assert page.status_code == 403 or page.url.path == "/hub/login"
    assert not hub.user("alice")["servers"]


def test_person_whom_the_provider_forgot_is_logged_out(
    hub: OidcHub, alice: Person
) -> None:
    hub.provider.order("people", {})

    until(lambda: not alice.is_in, "alice is logged out")

    assert hub.user("alice")["auth_state"] is None


def test_renamed_person_logs_in_again(hub: OidcHub, alice: Person) -> None:
    hub.provider.change("alice", preferred_username="alicia")

    until(lambda: not alice.is_in, "alice is logged out")

    assert alice.log_in().is_success
    assert hub.user("alicia")["groups"]


def test_silent_provider_ends_no_login_for_a_while(hub: OidcHub, alice: Person) -> None:
    server = alice.start_server()
    hub.provider.order("down", value=True)
    known = len(hub.log)

    until(lambda: alice.is_in and "not confirmed" in hub.log[known:], "it was asked")
    assert alice.is_in
    until(lambda: not alice.is_in, "the time is over")

    assert alice.get("/hub/home").url.path == "/hub/login"
    assert server.is_alive()
    hub.provider.order("down", value=False)
    # The login was not ended: it goes on as soon as the provider answers.
    until(lambda: alice.is_in, "the provider is back")


@pytest.mark.parametrize("tamper", ["signature", "audience", "nonce", "issuer"])
def test_bad_answer_at_a_refresh_confirms_nothing(
    hub: OidcHub, alice: Person, tamper: str
) -> None:
    hub.provider.change("alice", groups=["staff", "operators"])
    hub.provider.order("tamper", tamper)

    until(lambda: not alice.is_in, "the time is over")

    assert hub.user("alice")["admin"] is False
    assert "operators" not in str(hub.user("alice")["groups"])


def test_login_without_refresh_token_lasts_for_a_while(hub: OidcHub) -> None:
    hub.provider.order("options", {"refreshes": False})
    guest = hub.person("alice")
    guest.log_in()
    thief = guest.copied()

    assert guest.is_in
    until(lambda: not guest.is_in, "the time is over")

    # A cookie of that login would be good again after the next one.
    guest.log_out()
    guest.log_in()
    assert guest.is_in
    assert not thief.is_in


def test_logins_outlive_a_change_of_the_key(tmp_path: Path) -> None:
    new, stranger = "6b" * 32, "7c" * 32
    with oidc_hub(tmp_path, EXTRA) as hub:
        alice = hub.person("alice")
        alice.log_in()

        # With the former key behind the new one, then without it.
        for keys, group in ((f"{new};{CRYPT_KEY}", "optics"), (new, "acoustics")):
            restart(hub, keys)
            await_group(alice, group)
            assert alice.is_in

        restart(hub, stranger)
        assert not alice.is_in
        assert alice.log_in().url.path == "/hub/home"
        assert "Traceback" not in hub.log


def await_group(person: Person, group: str) -> None:
    person.hub.provider.change(person.name, groups=["staff", group])
    until(lambda: group in groups(person), "the groups are asked for again")


def restart(hub: OidcHub, crypt_key: str) -> None:
    hub.stop()
    hub.crypt_key = crypt_key
    hub.start()
