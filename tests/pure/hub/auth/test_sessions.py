"""When the provider is asked about a login, what is kept of it, and what ends it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cygnet_hub import sharing
from cygnet_hub.auth import access_token
from cygnet_hub.auth.errors import (
    DownError,
    GrantError,
    LoginError,
    RefusedError,
    TooOftenError,
)
from cygnet_hub.auth.id_token import Claims, Login
from cygnet_hub.auth.provider import Answer, Provider
from cygnet_hub.auth.session import LoginSession
from cygnet_hub.auth.sessions import LoginSessions, Model
from cygnet_hub.auth.settings import Oidc
from cygnet_hub.pages.logout import API_CLIENT
from jupyterhub import orm
from tornado.web import HTTPError
from typing_extensions import override

AUDIENCE = "https://data.example.org"
OIDC = Oidc.model_validate(
    {
        "issuer": "https://login.example.org",
        "clientId": "cygnet",
        "allowedGroups": ["staff"],
        "adminGroups": ["operators"],
        "tokenGroups": ["physics"],
        "tokenAudience": AUDIENCE,
    }
)
NO_PAUSE = timedelta(0)
SECOND = "r2"
"""The refresh token of a login that was confirmed once."""
ENDED = GrantError("Your login has ended", "log in again")
DOWN = DownError("The provider does not answer", "try again later")


class FakeProvider(Provider):
    """A provider of one user, whose refresh tokens are good once."""

    def __init__(self) -> None:
        super().__init__(OIDC, secret="")
        self.claims: dict[str, object] = {
            "sub": "subject-of-ada",
            "preferred_username": "ada",
            "groups": ["staff", "physics"],
        }
        self.fault: LoginError | None = None
        self.asked: Counter[str] = Counter()
        self.revoked: list[str] = []
        self._good = 0

    @override
    async def token(self, fields: Mapping[str, str]) -> Answer:
        self.asked[fields["grant_type"]] += 1
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        if fields.get("refresh_token", f"r{self._good}") != f"r{self._good}":
            raise ENDED
        self._good += 1
        return {
            "id_token": f"i{self._good}",
            "access_token": f"a{self._good}",
            "refresh_token": f"r{self._good}",
            "expires_in": 300,
        }

    @override
    async def login_claims(self, answer: Answer, login: Login) -> Claims:
        return self.claims

    @override
    async def access_claims(self, token: object) -> Claims:
        end = datetime.now(UTC) + timedelta(minutes=5)
        return {"aud": AUDIENCE, "exp": end.timestamp()}

    @override
    async def revoke(self, token: str) -> None:
        self.revoked.append(token)


@dataclass
class User:
    """A user of JupyterHub, whose login is kept in memory."""

    orm_user: orm.User
    name: str = "ada"
    active: bool = False
    state: object = None

    async def get_auth_state(self) -> object:
        return self.state

    async def save_auth_state(self, state: object) -> None:
        self.state = state

    @property
    def session(self) -> LoginSession:
        found = LoginSession.load(self.state)
        assert found is not None
        return found

    def age(self, by: timedelta) -> None:
        """Let time pass since the login was confirmed."""
        update = {"confirmed": self.session.confirmed - by}
        self.state = self.session.model_copy(update=update).state()


@dataclass
class Request:
    """A request to JupyterHub, which writes as the real one does."""

    db: orm.Session
    token: orm.APIToken | None = None
    written: list[Model] = field(default_factory=list)

    async def auth_to_user(self, authenticated: Model, user: Any = None) -> object:  # noqa: ANN401 - JupyterHub has no types.
        self.written.append(authenticated)
        names = authenticated["groups"]
        assert isinstance(names, list)
        known = {it.name: it for it in self.db.query(orm.Group)}
        user.orm_user.groups = [known.get(it) or orm.Group(name=it) for it in names]
        self.db.commit()
        await user.save_auth_state(authenticated["auth_state"])
        return user

    def get_token(self) -> orm.APIToken | None:
        return self.token


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def sessions(provider: FakeProvider) -> LoginSessions:
    return LoginSessions(provider, OIDC, pause=NO_PAUSE)


@pytest.fixture
def request_() -> Request:
    return Request(orm.new_session_factory("sqlite:///:memory:")())


@pytest.fixture
async def user(sessions: LoginSessions, request_: Request) -> User:
    """A user who has just logged in."""
    found = User(orm.User(name="ada"))
    request_.db.add(found.orm_user)
    model = await sessions.begin({"grant_type": "authorization_code"}, "n")
    await request_.auth_to_user(model, found)
    return found


async def test_login_keeps_groups_and_one_session(
    sessions: LoginSessions, provider: FakeProvider
) -> None:
    model = await sessions.begin({"grant_type": "authorization_code"}, "n")

    session = LoginSession.load(model["auth_state"])
    assert session is not None
    assert (model["name"], model["groups"]) == ("ada", ["physics", "staff"])
    assert model["admin"] is False
    assert (session.refresh_token, session.nonce) == ("r1", "n")
    assert provider.asked == {"authorization_code": 1}


async def test_user_of_other_groups_is_refused(
    sessions: LoginSessions, provider: FakeProvider
) -> None:
    provider.claims["groups"] = ["visitors"]

    with pytest.raises(RefusedError, match="not in the group “staff”"):
        await sessions.begin({"grant_type": "authorization_code"}, "n")


async def test_confirmation_keeps_new_groups_and_the_new_token(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    provider.claims["groups"] = ["staff", "operators"]
    before = user.session.confirmed

    assert await sessions.confirm(user, request_)

    assert request_.written[-1]["groups"] == ["operators", "staff"]
    assert request_.written[-1]["admin"] is True
    assert user.session.refresh_token == SECOND
    assert user.session.confirmed > before


async def test_requests_at_once_use_a_refresh_token_once(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    answers = await asyncio.gather(
        *(sessions.confirm(user, request_) for _ in range(5))
    )

    assert answers == [True] * 5
    assert provider.asked["refresh_token"] == 1


async def test_refresh_token_is_kept_although_the_user_is_refused(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    kept: list[object] = []

    async def save(state: object) -> None:
        kept.append(state)

    user.save_auth_state = save  # type: ignore[method-assign]
    provider.claims["groups"] = ["visitors"]

    assert not await sessions.confirm(user, request_)

    first = LoginSession.load(kept[0])
    assert first is not None
    assert first.refresh_token == SECOND
    assert kept[-1] is None


async def test_login_outlives_a_provider_that_is_down_for_its_grace_only(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    provider.fault = DOWN

    assert await sessions.confirm(user, request_)
    assert await sessions.is_confirmed(user)
    user.age(timedelta(seconds=OIDC.grace_seconds))
    assert not await sessions.confirm(user, request_)
    assert not await sessions.is_confirmed(user)

    # Nothing was taken away: the provider may say the same as before.
    provider.fault = None
    assert await sessions.confirm(user, request_)


async def test_ended_login_takes_groups_and_tokens_but_not_those_of_servers(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    client = orm.OAuthClient(identifier=API_CLIENT)
    # JupyterHub keeps the rows of servers that have been stopped.
    running = orm.Spawner(name="", server=orm.Server(base_url="/user/ada/"))
    user.orm_user._orm_spawners = [running, orm.Spawner(name="old")]  # noqa: SLF001
    shares = ["access:servers!user", "users:activity!user", sharing.ACCESS]
    notes = {
        "Server at /user/ada/": shares,
        "mine": ["self"],
        "for shares": [sharing.ACCESS],
        "Server at /user/ada/old/": shares,
        "Server at /user/ada": ["access:services"],
    }
    server, own, *others = (
        orm.APIToken(
            user=user.orm_user,
            note=note,
            scopes=scopes,
            client_id=API_CLIENT,
            hashed=note,
            prefix=note[:4],
        )
        for note, scopes in notes.items()
    )
    request_.db.add_all([client, server, own, *others])
    request_.db.commit()
    request_.token = own
    provider.fault = ENDED

    with pytest.raises(HTTPError, match="has ended"):
        await sessions.confirm(user, request_)

    request_.db.commit()
    assert [it.note for it in user.orm_user.api_tokens] == [server.note]
    assert request_.written[-1]["groups"] == []
    assert user.state is None
    assert not await sessions.confirm(user, request_)


async def test_user_with_another_name_has_to_log_in_again(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    provider.claims["preferred_username"] = "lovelace"

    assert not await sessions.confirm(user, request_)
    assert user.state is None


async def test_young_token_is_issued_again_without_asking(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    first = await sessions.issue(user, request_)
    asked = provider.asked.copy()

    assert await sessions.issue(user, request_) is first
    assert provider.asked == asked
    assert user.session.refresh_token == f"r{sum(asked.values())}"


async def test_token_needs_the_groups_of_this_moment(
    sessions: LoginSessions, provider: FakeProvider, user: User, request_: Request
) -> None:
    provider.claims["groups"] = ["staff"]

    with pytest.raises(RefusedError, match="members of the group “physics”"):
        await sessions.issue(user, request_)


async def test_server_that_asks_in_a_loop_does_not_reach_the_provider(
    provider: FakeProvider, user: User
) -> None:
    issuer = access_token.TokenIssuer(provider, OIDC, timedelta(minutes=1))

    async def save(session: LoginSession) -> None:
        await user.save_auth_state(session.state())

    await issuer.ask("ada", user.session, save)
    asked = provider.asked.copy()

    with pytest.raises(TooOftenError):
        await issuer.ask("ada", user.session, save)

    assert provider.asked == asked


async def test_logging_out_revokes_unless_a_server_runs(
    sessions: LoginSessions, provider: FakeProvider, user: User
) -> None:
    user.active = True
    assert await sessions.leave(user) == "i1"
    assert (provider.revoked, user.session.refresh_token) == ([], "r1")

    user.active = False
    assert await sessions.leave(user) == "i1"
    assert (provider.revoked, user.state) == (["r1"], None)
    assert await sessions.leave(user) == ""


@pytest.mark.parametrize(("seconds", "is_young"), [(149, True), (151, False)])
def test_token_is_young_for_half_of_its_time(seconds: int, *, is_young: bool) -> None:
    start = datetime(2026, 11, 27, tzinfo=UTC)
    token = access_token.AccessToken("t", start, start + timedelta(seconds=300))

    assert token.is_young(start + timedelta(seconds=seconds)) is is_young


@pytest.mark.parametrize(
    ("claims", "answer", "reason"),
    [
        ({"aud": [AUDIENCE, "other"]}, {}, "also for others"),
        ({"aud": "cygnet"}, {}, "also for others"),
        ({"exp": 3601.0}, {}, "3601 seconds"),
        ({"exp": 0.0}, {}, "0 seconds"),
        ({}, {"expires_in": 0}, "0 seconds"),
    ],
)
def test_token_that_could_be_used_elsewhere_or_long_is_refused(
    claims: dict[str, object], answer: dict[str, object], reason: str
) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    good = {"aud": AUDIENCE, "exp": 300.0}

    with pytest.raises(LoginError) as caught:
        access_token.read({"access_token": "t", **answer}, good | claims, OIDC, start)

    assert reason in caught.value.detail
    assert access_token.read({"access_token": "t"}, good, OIDC, start).start == start
