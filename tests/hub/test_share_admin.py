"""What administrators and operators do with a service of a real hub."""

import asyncio
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from cygnet_share.database import Database, connect
from cygnet_share.hub_accounts import HubAccounts
from jupyterhub.services.auth import HubAuth

from tests.support.hub import ADMIN_TOKEN, forget
from tests.support.share_hub import ShareHub, killed
from tests.support.waiting import until

CALLS = {
    "GET": ("shares?owner=ann", "people/ann/export", "audit"),
    "PUT": ("shares/1/owner",),
    "DELETE": ("people/cleo",),
}


Caller = Callable[..., httpx.Client]


@pytest.fixture
def caller(share_hub: ShareHub) -> Generator[Caller]:
    """Gives someone with a token of all that they may do, or of some scopes."""
    hub = share_hub.hub
    known = {it["name"] for it in hub.call("GET", "/users").json()}

    def call(name: str, scopes: list[str] | None = None) -> httpx.Client:
        hub.call("POST", f"/users/{name}")
        body = {} if scopes is None else {"scopes": scopes}
        made = hub.call("POST", f"/users/{name}/tokens", body)
        return share_hub.client(share_hub.service.api, made.json()["token"])

    yield call
    for it in hub.call("GET", "/users").json():
        if it["name"] not in known:
            forget(hub.call, it["name"])


@pytest.fixture
def root(caller: Caller) -> httpx.Client:
    """An administrator."""
    return caller("root")


@pytest.fixture
def cleo(caller: Caller) -> httpx.Client:
    """Someone whose account goes with the test."""
    return caller("cleo")


def token_of(call: httpx.Client) -> str:
    return call.headers["Authorization"].removeprefix("token ")


def made(call: httpx.Client, title: str, files: dict[str, bytes]) -> int:
    """Make a share with files."""
    share = int(call.post("shares", json={"title": title}).json()["id"])
    answer = publish(call, share, 0, files)
    assert answer.is_success, answer.text
    return share


def publish(
    call: httpx.Client, share: int, parent: int, files: dict[str, bytes]
) -> httpx.Response:
    changes = {}
    for path, data in files.items():
        chunk = hashlib.sha256(data).hexdigest()
        sent = call.put(f"shares/{share}/chunks/{chunk}", content=data)
        assert sent.is_success, sent.text
        changes[path] = {"kind": "file", "size": len(data), "chunks": [chunk]}
    return taken(call, share, {"parent": parent, "changes": changes})


def taken(call: httpx.Client, share: int, body: dict[str, object]) -> httpx.Response:
    """Publish, as soon as the service takes another version."""
    found: list[httpx.Response] = []

    def is_taken() -> bool:
        found.append(call.post(f"shares/{share}/snapshots", json=body))
        return found[-1].status_code != HTTPStatus.TOO_MANY_REQUESTS

    until(is_taken, "the service takes another version")
    return found[-1]


@pytest.mark.parametrize(
    ("method", "path"), [(how, it) for how, paths in CALLS.items() for it in paths]
)
def test_only_an_administrator_s_own_token_administers(
    share_hub: ShareHub, caller: Caller, root: httpx.Client, method: str, path: str
) -> None:
    body = {"name": "ann"} if method == "PUT" else None
    server = caller("root", ["access:services!service=share"])
    person = caller("dora")
    nobody = share_hub.client(share_hub.service.api, "wrong")
    for call in (server, person, share_hub.people["ann"].api, nobody):
        found = call.request(method, f"admin/{path}", json=body)
        assert found.status_code == HTTPStatus.FORBIDDEN, found.text

    if method == "GET":
        assert root.get(f"admin/{path}").is_success


def test_who_is_no_administrator_any_more_administers_no_more(
    share_hub: ShareHub, caller: Caller, root: httpx.Client
) -> None:
    call = caller("former")
    by_root = share_hub.client(f"{share_hub.hub.url}/hub/api/", token_of(root))
    by_root.patch("users/former", json={"admin": True}).raise_for_status()
    call = caller("former")
    assert call.get("admin/audit").is_success

    by_root.patch("users/former", json={"admin": False}).raise_for_status()

    assert call.get("admin/audit").status_code == HTTPStatus.FORBIDDEN


def look(hub: ShareHub) -> None:
    """Look for accounts that have gone, as the service does each hour."""
    asyncio.run(_look(hub))


async def _look(hub: ShareHub) -> None:
    engine = connect(f"sqlite:///{hub.place.directory}/share/share.sqlite")
    auth = HubAuth(api_url=f"{hub.hub.url}/hub/api", api_token=ADMIN_TOKEN)
    try:
        await HubAccounts(Database(engine), auth).look()
    finally:
        engine.dispose()


def test_share_of_a_removed_account_is_handed_over_and_not_inherited(
    share_hub: ShareHub, caller: Caller, root: httpx.Client, cleo: httpx.Client
) -> None:
    bob = share_hub.people["bob"].api
    share = made(cleo, "Left behind", {"a.csv": b"1"})
    grant = {"audience": "user", "principal": "bob", "right": "edit"}
    assert cleo.put(f"shares/{share}/grants", json=grant).is_success
    look(share_hub)
    assert publish(bob, share, 1, {"b.csv": b"2"}).is_success

    share_hub.hub.call("DELETE", "/users/cleo").raise_for_status()
    look(share_hub)

    refused = bob.post(f"shares/{share}/snapshots", json={"parent": 2, "changes": {}})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    again = caller("cleo")
    until(lambda: not again.get("shares").json()["shares"], "she is another person")
    listed = root.get("admin/shares", params={"owner": "cleo"}).json()["shares"]
    [left] = [it for it in listed if it["id"] == share]
    assert left["gone_at"]
    answer = root.put(f"admin/shares/{share}/owner", json={"name": "bob"})
    assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text
    assert publish(bob, share, 2, {"c.csv": b"3"}).is_success
    assert bob.get(f"shares/{share}").json()["right"] == "own"
    rows = root.get("admin/audit").json()["rows"]
    assert [it["person"] for it in rows if it["act"] == "handover"] == ["root"]


def test_data_of_a_person_is_exported_and_removed(
    caller: Caller, root: httpx.Client
) -> None:
    eva = caller("eva")
    share = made(eva, "Mine", {"data/a.csv": b"1" * 10**6, "b.csv": b"2"})

    found = root.get("admin/people/eva/export")
    with tarfile.open(fileobj=io.BytesIO(found.content)) as archive:
        names = {it.name for it in archive}
        file = archive.extractfile(f"share {share}/data/a.csv")
        assert file is not None
        assert file.read() == b"1" * 10**6
    removed = root.delete("admin/people/eva")

    assert names == {
        "person.json",
        *(f"share {share}/{it}" for it in ("data/a.csv", "b.csv")),
    }
    assert removed.status_code == HTTPStatus.NO_CONTENT
    assert root.get("admin/people/eva/export").status_code == HTTPStatus.NOT_FOUND
    until(lambda: not eva.get("shares").json()["shares"], "nothing is left")


def command(
    hub: ShareHub, *arguments: str, place: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command of the service's as who runs it."""
    directory = place or f"{hub.place.directory}/share"
    return subprocess.run(
        [sys.executable, "-m", "cygnet_share", *arguments],
        env={**os.environ, "CYGNET_SHARE_DIR": directory},
        capture_output=True,
        text=True,
        check=False,
    )


def test_backup_of_a_running_service_is_restored_elsewhere(
    share_hub: ShareHub, tmp_path: Path
) -> None:
    ann = share_hub.people["ann"].api
    made(ann, "Kept", {"a.csv": b"kept"})

    copied = command(share_hub, "backup", str(tmp_path / "copy"))
    restored = command(
        share_hub, "restore", str(tmp_path / "copy"), place=str(tmp_path / "s")
    )
    checked = command(share_hub, "check", place=str(tmp_path / "s"))
    wrong = command(share_hub, "bakcup", str(tmp_path / "other"))

    for it in (copied, restored, checked):
        assert it.returncode == 0, it.stdout + it.stderr
    assert checked.stdout == "All shares are whole.\n"
    assert wrong.returncode == 2


def killing(
    hub: ShareHub, call: Callable[[], object], when: Callable[[], bool]
) -> None:
    """Kill the service while it is called, and wait for the next one."""
    with ThreadPoolExecutor(1) as pool:

        def calls() -> None:
            with suppress(httpx.TransportError, AssertionError):
                call()

        running = pool.submit(calls)
        until(lambda: when() or running.done(), "it is in the middle")
        killed(hub.process)
        running.result()
    until(hub.answers, "the next service answers", 60)


def test_service_that_is_killed_leaves_the_old_head_and_takes_the_rest(
    share_hub: ShareHub,
) -> None:
    ann = share_hub.people["ann"].api
    share = made(ann, "Killed", {"old.csv": b"old"})
    files = {f"{i}.bin": os.urandom(10**6) for i in range(60)}
    chunks = Path(share_hub.place.directory) / "share/chunks"
    before = {it.name for it in chunks.glob("*/*")}

    def sent() -> set[str]:
        return {it.name for it in chunks.glob("*/*")} - before

    killing(share_hub, lambda: publish(ann, share, 1, files), lambda: len(sent()) > 10)

    names = {hashlib.sha256(it).hexdigest(): it for it in files.values()}
    [listed] = [it for it in ann.get("shares").json()["shares"] if it["id"] == share]
    assert listed["head"] == 1
    asked = ann.post(f"shares/{share}/missing", json={"chunks": [*names]})
    lacking = set(asked.json()["chunks"])
    assert 0 < len(lacking) < len(files) - 8
    assert {it for it in sent() if it in names} >= names.keys() - lacking
    for it in lacking:
        assert ann.put(f"shares/{share}/chunks/{it}", content=names[it]).is_success
    changes = {
        path: {
            "kind": "file",
            "size": len(it),
            "chunks": [hashlib.sha256(it).hexdigest()],
        }
        for path, it in files.items()
    }
    body = {"parent": 1, "changes": changes}

    # The head is the old one or the new one, whenever the service is killed.
    killing(share_hub, lambda: taken(ann, share, body), lambda: True)

    [listed] = [it for it in ann.get("shares").json()["shares"] if it["id"] == share]
    assert listed["head"] in {1, 2}
    if listed["head"] == 1:
        assert taken(ann, share, body).is_success
    entries = ann.get(f"shares/{share}/snapshots/2").json()["entries"]
    assert entries.keys() == {"old.csv", *files}
    found = command(share_hub, "check")
    assert f"Share {share} " not in found.stdout, found.stdout
