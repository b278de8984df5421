from collections.abc import Generator
from pathlib import Path

import httpx
import jwt
import pytest

from tests.support.oidc import (
    OidcHub,
    Person,
    Server,
    call,
    oidc_hub,
)
from tests.support.provider import AUDIENCE
from tests.support.waiting import until

EXTRA = """
c.OidcAuthenticator.token_pause = 0
c.OidcAuthenticator.auth_refresh_age = 1
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[OidcHub]:
    with oidc_hub(tmp_path_factory.mktemp("access"), EXTRA) as hub:
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


@pytest.fixture
def server(alice: Person) -> Generator[Server]:
    yield alice.start_server()
    # So that no test gets what was lent to another.
    alice.hub.provider.reset()
    alice.stop_server()
    alice.log_out()


def test_server_gets_a_short_token_for_one_audience(
    hub: OidcHub, server: Server
) -> None:
    answer = server.ask()

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()["access_token"]
    assert 0 < answer.json()["expires_in"] <= 300
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == AUDIENCE
    assert claims["iss"] == hub.provider.issuer
    assert claims["sub"] == "subject-of-alice"
    kept = b"".join(it.read_bytes() for it in hub.directory.glob("jupyterhub.sqlite*"))
    assert token.encode() not in kept
    assert token not in hub.log


def test_asking_often_costs_the_provider_nothing(hub: OidcHub, server: Server) -> None:
    first = server.ask().json()["access_token"]
    asked = hub.provider.count("token")

    assert {server.ask().json()["access_token"] for _ in range(10)} == {first}
    # But for a refresh of the groups, which this hub makes every second.
    assert hub.provider.count("token") < asked + 5


def test_server_holds_nothing_of_the_login(
    hub: OidcHub, alice: Person, server: Server
) -> None:
    state = hub.user("alice")["auth_state"]
    assert isinstance(state, dict)
    told = str(server.told)

    for secret in ("refresh_token", "id_token", "nonce", "subject"):
        assert state[secret]
        assert str(state[secret]) not in told
    # Nor does the hub tell it.
    for path in ("/user", "/users/alice"):
        text = call(f"{hub.url}/hub/api{path}", server.token).text
        assert state["refresh_token"] not in text
    mine = call(f"{hub.url}/hub/api/users/alice", alice.token()).json()
    assert "auth_state" not in mine


def test_owner_outside_the_groups_gets_none_and_reads_why(
    hub: OidcHub, server: Server
) -> None:
    assert server.ask().is_success
    hub.provider.change("alice", groups=["staff"])

    answer = until(lambda: refused(server), "it is refused")

    assert "“physics”" in answer.json()["message"]
    assert "access_token" not in answer.text


def refused(server: Server) -> httpx.Response | None:
    answer = server.ask()
    return answer if answer.status_code == 403 else None


def test_others_get_none(hub: OidcHub, alice: Person, server: Server) -> None:
    url = f"{hub.url}/hub/api/cygnet/access-token"

    assert server.ask().is_success
    assert call(url, alice.token()).status_code == 403
    assert call(url, alice.token("Server at /user/alice/")).status_code == 403
    assert call(url, "made-up").status_code == 403
    assert alice.get("/hub/api/cygnet/access-token").status_code == 403


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        ("broad", "it is also for others"),
        ("lasting", "it is good for 25"),
        ("opaque", "DecodeError"),
    ],
)
def test_token_that_is_good_for_more_is_not_lent(
    hub: OidcHub, server: Server, tamper: str, reason: str
) -> None:
    hub.provider.order("tamper", tamper)
    known = len(hub.log)

    answer = server.ask()

    assert answer.status_code == 502
    assert "access_token" not in answer.json()
    assert reason in hub.log[known:]


def test_provider_that_is_down_is_reported(hub: OidcHub, server: Server) -> None:
    hub.provider.order("down", value=True)

    answer = server.ask()

    assert answer.status_code == 503
    assert "does not answer" in answer.json()["message"]
    assert server.is_alive()


def test_token_exchange_gives_the_same_and_is_not_asked_all_the_time(
    tmp_path: Path,
) -> None:
    with oidc_hub(tmp_path, tokenMethod="exchange") as hub:
        alice = hub.person("alice")
        alice.log_in()
        server = alice.start_server()
        hub.provider.order("tamper", "opaque")
        assert [server.ask().status_code for _ in range(3)] == [502, 429, 429]

        hub.provider.reset()
        answer = until(lambda: given(server), "it may be asked again")

        token = answer.json()["access_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["aud"] == AUDIENCE


def given(server: Server) -> httpx.Response | None:
    answer = server.ask()
    return answer if answer.is_success else None
