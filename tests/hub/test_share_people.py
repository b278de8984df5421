"""The sharing service as a service of a real hub, with two people."""

import hashlib
import html
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import unquote, urljoin

import httpx
import pytest

from tests.support.cluster_hub import Person, person, running_cluster_hub
from tests.support.hub import RunningHub, forget
from tests.support.port import free_ports
from tests.support.share_routes import ROUTES
from tests.support.waiting import until

PAGES = "/services/share/"
POLICY = "Content-Security-Policy"
ACCESS = "access:services!service=share"
SCOPES = ["read:users", "list:users", "list:groups"]
EXTRA = """
c.JupyterHub.services.append({{
    "name": "share",
    "url": "http://127.0.0.1:{port}",
    "oauth_no_confirm": True,
    "command": [sys.executable, "-m", "cygnet_share"],
    "environment": {{"CYGNET_SHARE_DIR": {place!r}, "CYGNET_SHARE_FRESH_SECONDS": "3"}},
}})
c.JupyterHub.load_roles += [
    {{"name": "share", "scopes": {scopes!r}, "services": ["share"]}},
    {{"name": "groups", "scopes": ["groups"], "services": ["tests"]}},
    {{"name": "user", "scopes": ["self", {access!r}]}},
]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    place = tmp_path_factory.mktemp("share")
    [port] = free_ports(1)
    kept = str(place / "kept")
    extra = EXTRA.format(port=port, place=kept, access=ACCESS, scopes=SCOPES)
    groups = {"physics": ["bob"], "Physicists": []}
    with running_cluster_hub(place, {}, groups, extra) as running:
        until(lambda: answers(running), "the sharing service answers")
        yield running


def answers(hub: RunningHub) -> bool:
    found = httpx.get(f"{hub.url}/services/share/api/shares")
    return found.status_code == HTTPStatus.FORBIDDEN


Call = Callable[[str, list[str]], httpx.Client]


@pytest.fixture
def call(hub: RunningHub) -> Generator[Call]:
    """Logs somebody in, and calls the service with a token of theirs."""
    names = set[str]()
    with ExitStack() as clients:

        def caller(name: str, scopes: list[str]) -> httpx.Client:
            person(hub, name)
            names.add(name)
            made = hub.call("POST", f"/users/{name}/tokens", {"scopes": scopes})
            client = httpx.Client(
                base_url=f"{hub.url}/services/share/api/",
                headers={"Authorization": f"token {made.json()['token']}"},
            )
            return clients.enter_context(client)

        yield caller
    for name in names:
        forget(hub.call, name)


def titles(client: httpx.Client) -> list[str]:
    return [it["title"] for it in client.get("shares").json()["shares"]]


def test_share_for_a_group_is_its_member_s_until_the_hub_says_otherwise(
    hub: RunningHub, call: Call
) -> None:
    ann, bob = (call(name, [ACCESS]) for name in ("ann", "bob"))
    share = ann.post("shares", json={"title": "Week 1"}).json()["id"]
    grant = {"audience": "group", "principal": "physics", "right": "view"}
    ann.put(f"shares/{share}/grants", json=grant)

    assert titles(bob) == ["Week 1"]
    left = hub.call("DELETE", "/groups/physics/users", {"users": ["bob"]})
    assert left.is_success, left.text
    until(lambda: not titles(bob), "the group counts no more")


def test_account_made_again_under_a_name_inherits_nothing(
    hub: RunningHub, call: Call
) -> None:
    ann, cy = (call(name, [ACCESS]) for name in ("ann", "cy"))
    share = ann.post("shares", json={"title": "For cy"}).json()["id"]
    grant = {"audience": "user", "principal": "cy", "right": "view"}
    assert ann.put(f"shares/{share}/grants", json=grant).status_code == 204
    assert titles(cy) == ["For cy"]

    hub.call("DELETE", "/users/cy")
    again = call("cy", [ACCESS])
    own = again.post("shares", json={"title": "Of the new one"})
    page = person(hub, "cy").get(PAGES)

    # At once, also while the hub's answers about the old one count.
    assert titles(again) == ["Of the new one"]
    assert own.status_code == HTTPStatus.CREATED
    assert "For cy" not in page.text
    assert "Of the new one" in page.text


def test_token_without_the_scope_is_refused_by_each_call(call: Call) -> None:
    ann = call("ann", ["read:users!user"])

    for route in ROUTES:
        found = ann.request(route.method, route.path, content=route.content)
        assert found.status_code == HTTPStatus.FORBIDDEN, route


def test_login_of_a_browser_is_none_for_the_calls(hub: RunningHub, call: Call) -> None:
    call("ann", [ACCESS])
    browser = person(hub, "ann")
    page = browser.get("/services/share/view/1/1/")

    assert page.status_code == HTTPStatus.NOT_FOUND, "the browser is logged in"
    for route in ROUTES:
        path = f"/services/share/api/{route.path}"
        found = browser.http.request(route.method, path, content=route.content)
        assert found.status_code == HTTPStatus.FORBIDDEN, route


def test_page_of_a_very_long_address_begins_no_login(hub: RunningHub) -> None:
    page = f"{hub.url}/services/share/view/1/1/"
    begun = httpx.get(page + "x" * 3_000)
    found = httpx.get(page + "x" * 5_000)

    assert begun.is_redirect
    assert found.status_code == HTTPStatus.REQUEST_URI_TOO_LONG
    assert "longer than that of any page" in found.text
    assert not found.cookies


def test_people_and_groups_are_found_by_the_beginning_of_their_names(
    call: Call,
) -> None:
    for name in ("anna", "hanna", "a_n"):
        call(name, [ACCESS])
    ann = call("ann", [ACCESS])

    def found(prefix: str) -> tuple[list[str], list[str]]:
        answer = ann.get("people", params={"prefix": prefix}).json()
        return [it["name"] for it in answer["people"]], answer["groups"]

    assert found("An") == (["anna"], [])
    assert found("a_") == (["a_n"], [])
    assert found("%n") == ([], [])
    assert found("a") == ([], [])
    assert found("phys") == ([], ["Physicists", "physics"])


def test_name_that_the_hub_does_not_know_cannot_be_granted(call: Call) -> None:
    ann = call("ann", [ACCESS])
    share = ann.post("shares", json={"title": "x"}).json()["id"]
    for name in ("nobody", "../users", "", "ann/tokens"):
        grant = {"audience": "user", "principal": name, "right": "view"}

        found = ann.put(f"shares/{share}/grants", json=grant)

        assert found.status_code == HTTPStatus.BAD_REQUEST, name


def test_loop_of_one_visitor_is_slowed_and_others_look_on(
    hub: RunningHub, call: Call
) -> None:
    for name in ("ann", "bob"):
        call(name, [ACCESS])
    place = "/services/share/versions/999"
    ann = person(hub, "ann")
    found = [ann.get(place) for _ in range(160)]
    other = person(hub, "bob").get(place)

    slowed = [it for it in found if it.status_code == HTTPStatus.TOO_MANY_REQUESTS]
    assert slowed, "more than a person reads"
    assert "sent again in" in slowed[0].text
    assert int(slowed[0].headers["Retry-After"]) >= 1
    assert other.status_code == HTTPStatus.NOT_FOUND


def test_pages_are_shown_to_whom_a_share_is_for_and_to_nobody_else(
    hub: RunningHub, call: Call
) -> None:
    ann, _, _ = (call(name, [ACCESS]) for name in ("ann", "bob", "cy"))
    share = ann.post("shares", json={"title": "Week <1>"}).json()["id"]
    for parent, text in enumerate((b"", b"# Hello\n\n<script>alert(1)</script>")):
        publish(ann, share, parent, "docs/read me.md", text)
    grant = {"audience": "user", "principal": "bob", "right": "view"}
    ann.put(f"shares/{share}/grants", json=grant)
    words = {
        "": "Week &lt;1&gt;",
        f"versions/{share}": "by <bdi>ann</bdi>",
        f"view/{share}/2/": '<a href="./docs/">',
        f"view/{share}/2/docs/read%20me.md": "Hello</h2>",
        f"compare/{share}/1/2/": "./docs/read%20me.md",
        f"compare/{share}/1/2/docs/read%20me.md": "<ins>+ # Hello",
    }

    bob, cy = person(hub, "bob"), person(hub, "cy")
    shown = {place: bob.get(f"{PAGES}{place}") for place in words}
    refused = {place: cy.get(f"{PAGES}{place}") for place in words}
    stranger = httpx.get(f"{hub.url}{PAGES}view/{share}/2/", follow_redirects=False)

    for place, found in shown.items():
        assert words[place] in found.text, place
        assert "<script" not in found.text
    for found in (*shown.values(), *refused.values()):
        assert "sandbox; default-src 'none'" in found.headers[POLICY]
    for place, found in refused.items():
        assert "Week" not in found.text
        assert "Hello" not in found.text
        assert not place or found.status_code == HTTPStatus.NOT_FOUND
    assert "Nothing is shared with you yet." in refused[""].text
    assert stranger.status_code == HTTPStatus.FOUND
    assert "/hub/api/oauth2/authorize" in stranger.headers["Location"]
    # Nothing is a dead end, and nothing leads away from the service.
    file = "docs/read me.md"
    assert walk(bob, share) >= {
        *(f"{PAGES}view/{share}/{it}/{file}" for it in (1, 2)),
        f"{PAGES}compare/{share}/1/2/{file}",
    }
    for _ in ways_to_end(ann, share):
        for place in words:
            gone = bob.get(f"{PAGES}{place}")
            assert "Week" not in gone.text
            assert not place or gone.status_code == HTTPStatus.NOT_FOUND


def ways_to_end(owner: httpx.Client, share: int) -> Iterator[None]:
    """End what bob may view, in each way after the other."""
    path = f"shares/{share}/grants"
    grant = {"audience": "user", "principal": "bob", "right": "view"}
    owner.delete(path, params={"audience": "user", "principal": "bob"})
    yield
    past = {"expires": "2001-01-01T00:00:00+00:00"}
    assert owner.put(path, json=grant | past).is_success
    yield


def publish(
    client: httpx.Client, share: int, parent: int, path: str, data: bytes
) -> None:
    """Publish a file, when its share's turn has come."""
    chunk = hashlib.sha256(data).hexdigest()
    client.put(f"shares/{share}/chunks/{chunk}", content=data)
    entry = {"kind": "file", "size": len(data), "chunks": [chunk]}
    body = {"parent": parent, "changes": {path: entry}}

    def is_published() -> bool:
        return client.post(f"shares/{share}/snapshots", json=body).is_success

    until(is_published, "the version is published")


def walk(client: Person, share: int) -> set[str]:
    """Follow each link of the pages of a share, and give where they lead."""
    left, seen = [PAGES], set[str]()
    while left:
        place = left.pop()
        seen.add(unquote(place))
        found = client.get(place)
        assert found.status_code == HTTPStatus.OK, place
        for link in re.findall(r'href="([^"#]+)"', found.text):
            there = urljoin(place, html.unescape(link)).partition("?")[0]
            assert there.startswith(PAGES), link
            if unquote(there) not in seen and f"/{share}" in there:
                left.append(there)
    return seen
