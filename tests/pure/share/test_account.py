"""Accounts that have gone, with a stand-in for the hub's answers."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cygnet_share import account, share
from cygnet_share.database import Database
from cygnet_share.errors import ForbiddenError
from cygnet_share.hub_accounts import HubAccounts
from cygnet_share.right import Audience, Grant, Person, Right
from cygnet_share.sweep import CONDEMNED
from jupyterhub.services.auth import HubAuth
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from typing_extensions import override

from tests.support.share_place import Place

DAY = timedelta(days=1)
KEPT = 30 * DAY
TOKEN = "of-the-service"  # noqa: S105 - The stand-in does not look at it.


class Hub:
    """What a hub says of its accounts."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.hidden = set[str]()
        """Who is on no page, as others were removed between two pages."""
        self.is_away = False
        self.pages = 0


class Users(RequestHandler):
    """`users` and `users/NAME`."""

    @override
    def initialize(self, hub: Hub) -> None:
        self.hub = hub

    @override
    def get(self, name: str) -> None:
        if self.hub.is_away:
            self.send_error(503)
        elif not name:
            self.finish(self._page())
        elif name in self.hub.accounts:
            self.finish({"name": name, "created": self.hub.accounts[name]})
        else:
            self.send_error(404)

    def _page(self) -> str:
        self.hub.pages += 1
        asked = parse_qs(urlsplit(str(self.request.uri)).query)
        [offset], [limit] = asked["offset"], asked["limit"]
        listed = [
            {"name": name, "created": created}
            for name, created in self.hub.accounts.items()
            if name not in self.hub.hidden
        ]
        end = int(offset) + int(limit)
        following = {"offset": end} if end < len(listed) else None
        page = {"items": listed[int(offset) : end], "_pagination": {"next": following}}
        return json.dumps(page)


@contextmanager
def looking(database: Database, hub: Hub) -> Generator[HubAccounts]:
    server = HTTPServer(Application([("/hub/api/users/?(.*)", Users, {"hub": hub})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/hub/api"
    try:
        yield HubAccounts(database, HubAuth(api_url=url, api_token=TOKEN))
    finally:
        server.stop()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path).with_share()


@pytest.fixture
def bob(place: Place) -> Person:
    """May edit Ann's share."""
    found = place.person("bob")
    given = Grant(Audience.USER, str(found.id), Right.EDIT)
    share.grant(place.database, place.ann, place.share, given)
    return found


async def test_account_has_gone_when_the_hub_says_so_twice(place: Place) -> None:
    hub = Hub()
    hub.accounts = {f"p{i:03}": "2029" for i in range(250)} | {"ann": "2029"}
    cy, dan = place.person("cy"), place.person("dan")
    hub.accounts |= {"cy": "2029", "dan": "2030"}
    hub.hidden = {"cy"}
    with looking(place.database, hub) as accounts:
        await accounts.look()
        assert account.gone(place.database).keys() == {dan.id}
        assert hub.pages == 3

        del hub.accounts["cy"]
        hub.accounts["dan"] = "2029"
        await accounts.look()

    assert account.gone(place.database).keys() == {cy.id}


async def test_nobody_has_gone_while_the_hub_is_away(place: Place) -> None:
    hub = Hub()
    hub.is_away = True
    with (
        looking(place.database, hub) as accounts,
        pytest.raises(Exception, match="503"),
    ):
        await accounts.look()

    assert account.gone(place.database) == {}


def test_share_of_an_account_that_has_gone_is_read_only_and_ends(
    place: Place, bob: Person
) -> None:
    account.note(place.database, [place.ann.id], [])

    with (
        pytest.raises(ForbiddenError),
        place.database.transaction(bob, place.share, Right.EDIT),
    ):
        pass
    place.now += KEPT - timedelta(seconds=1)
    assert account.end_shares(place.database, KEPT) == []
    assert [it.right for it in share.listed(place.database, bob)] == [Right.VIEW]
    place.now += timedelta(seconds=2)
    assert account.end_shares(place.database, KEPT) == [place.share]
    assert share.listed(place.database, bob) == []


def test_share_of_an_account_that_is_there_again_does_not_end(place: Place) -> None:
    account.note(place.database, [place.ann.id], [])
    place.now += 10 * DAY
    account.note(place.database, [], [place.ann.id])
    place.now += 60 * DAY

    assert account.end_shares(place.database, KEPT) == []


def test_account_of_the_same_name_inherits_nothing(place: Place) -> None:
    place.publish("a", place.send("text"))
    account.note(place.database, [place.ann.id], [])
    other = place.person("ann", "2031")

    assert share.listed(place.database, other) == []
    place.now += KEPT
    account.end_shares(place.database, KEPT)
    place.sweep_after(DAY)
    place.sweep_after(2 * CONDEMNED)
    assert list(place.chunks.names()) == []
