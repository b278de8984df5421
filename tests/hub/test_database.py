"""The hub while its database is locked, slow or away."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx
import pytest
from cygnet_hub.auth import login_link
from typing_extensions import override

from tests.support import postgres
from tests.support.client import ask, client
from tests.support.hub import (
    RunningHub,
    Visitor,
    heading,
    make_hub,
    running,
    running_hub,
)
from tests.support.name_server import NameServer, name_server
from tests.support.port import free_ports
from tests.support.postgres import Database
from tests.support.slow_way import SlowWay, slow_way
from tests.support.waiting import until

TITLE = "The service&#39;s database does not answer"
LONGEST_S = 1.0 + 0.5
"""How long all else may wait because of the database, and for a busy machine."""


BY_OTHER_NAMES = (
    *("unshare", "--mount", "sh", "-euc"),
    'mount --bind "$1" /etc/resolv.conf; shift; exec "$@"',
    "sh",
)
"""Runs a program that asks the name servers of a file; both come after it."""
DOCTOR = """
import sys
from pathlib import Path
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.service import release_doctor
place = Path(sys.argv[1])
print(*release_doctor._database(place, DataDirectory(place)))
"""
IN_POSTGRESQL = """
from cygnet_hub.pages import outage
c.JupyterHub.db_url = {url!r}
c.JupyterHub.db_kwargs = {{}}
outage.configure(c)
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("database")) as hub:
        yield hub


@pytest.fixture
def owner(hub: RunningHub) -> Visitor:
    return hub.owner()


@contextmanager
def locked(hub: RunningHub) -> Iterator[None]:
    """Hold the database as a program that writes, or that was killed, does."""
    place = hub.data_dir / "hub.sqlite"
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
        until(lambda: hub.call("GET", "/users").is_success, "it answers again")


class Stopwatch(threading.Thread):
    """Asks the hub again and again for what needs no database."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.longest, self._is_done = url, 0.0, threading.Event()

    @override
    def run(self) -> None:
        with client(self.url) as visitor:
            while not self._is_done.is_set():
                begun = time.monotonic()
                assert visitor.get("/hub/health").is_success
                self.longest = max(self.longest, time.monotonic() - begun)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_done.set()
        self.join()


def check_pages(owner: Visitor) -> None:
    """See that nobody is sent to the login."""
    for path in ("/hub/home", "/hub/spawn", "/hub/token", "/hub/login", "/"):
        page = owner.get(path)
        assert page.status_code == 503, path
        assert heading(page) == TITLE
        assert "Your login" in page.text
        assert page.headers["Retry-After"]
        assert "Log in" not in page.text
    refused = owner.http.post("/hub/stop", data={"_xsrf": "x"})
    assert refused.status_code == 503


def test_no_user_is_redirected_to_the_login(hub: RunningHub, owner: Visitor) -> None:
    with locked(hub):
        check_pages(owner)

    assert heading(owner.get("/hub/home")) == "Your server is not running"


def test_program_reads_that_its_token_is_not_to_blame(hub: RunningHub) -> None:
    with locked(hub):
        answer = hub.call("GET", "/users")

        assert answer.status_code == 503
        assert "database does not answer" in answer.json()["message"]


def test_login_link_is_not_spent_in_vain(hub: RunningHub) -> None:
    person, token = hub.visitor(), login_link.issue(hub.data.login_links)
    page = person.get(f"/hub/login-link?token={token}")
    with locked(hub):
        assert heading(person.submit(page)) == TITLE

    assert person.spend(token).is_success


def test_form_that_was_open_is_good_afterwards(hub: RunningHub, owner: Visitor) -> None:
    form = owner.get("/hub/logout")
    with locked(hub):
        assert owner.submit(form).status_code == 503

    assert heading(owner.submit(form)) == "Log in"


def test_hub_stalls_for_no_second(hub: RunningHub, owner: Visitor) -> None:
    with locked(hub):
        watch_pages(hub, owner)


def watch_pages(hub: RunningHub, owner: Visitor, seconds: float = 5) -> None:
    """Ask for pages that need the database, and for what needs none."""
    with Stopwatch(hub.url) as watch:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            page = owner.get("/hub/home")
            assert (page.status_code, heading(page)) == (503, TITLE)
            assert page.elapsed.total_seconds() < LONGEST_S

    assert watch.longest < LONGEST_S


def test_hub_ends_without_its_database(hub: RunningHub, owner: Visitor) -> None:
    assert owner.get("/hub/home").is_success
    with closing(sqlite3.connect(hub.data_dir / "hub.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert owner.get("/hub/home").status_code == 503

        hub.stop()

    hub.start()


def activity_token(hub: RunningHub) -> str:
    """Give a token of the kind that servers have."""
    path = f"/users/{hub.settings.owner}/tokens"
    return str(hub.call("POST", path, {"note": "activity"}).json()["token"])


def report(
    hub: RunningHub, token: str, moment: datetime, *servers: str
) -> httpx.Response:
    """Say that the owner did something, as their servers do."""
    last = {"last_activity": moment.isoformat()}
    url = f"{hub.url}/hub/api/users/{hub.settings.owner}/activity"
    body = {**last, "servers": dict.fromkeys(servers, last)}
    return ask("POST", url, token=token, json=body)


@pytest.fixture(scope="module")
def postgresql() -> Generator[Database]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("Debian's postgresql is missing: `apt-get install postgresql`.")
    if os.geteuid() != 0:
        pytest.skip("A database and a name server of a test's own need root.")
    (port,) = free_ports(1)
    with postgres.database(programs, "127.0.0.1", port) as database:
        yield database


def doctor(database: Database, folder: Path) -> str:
    """Have `cygnet doctor` look at a database, as it does in the hub's pod."""
    (folder / "database-url").write_text(database.url)
    command = [sys.executable, "-c", DOCTOR, str(folder)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def admitted(hub: RunningHub) -> Visitor | None:
    """Log the owner in, unless the machine is so busy that it seems away."""
    visitor = hub.visitor()
    link = f"/hub/login-link?token={login_link.issue(hub.data.login_links)}"
    page = visitor.get(link)
    return visitor if page.is_success and visitor.submit(page).is_success else None


@contextmanager
def named(
    database: Database, folder: Path
) -> Iterator[tuple[RunningHub, NameServer, SlowWay]]:
    """Run a hub that finds its database by a name, and by a way that can be slow."""
    resolver = folder / "resolv.conf"
    with name_server("127.0.0.1") as names, slow_way(database.port) as way:
        resolver.write_text(f"nameserver {names.place}\n")
        near, far = f"127.0.0.1:{database.port}", f"database.example.org:{way.port}"
        url = database.url.replace(near, far)
        assert far in url
        hub = make_hub(folder, IN_POSTGRESQL.format(url=url))
        hub.prefix = (*BY_OTHER_NAMES, str(resolver))
        with running(hub):
            yield hub, names, way


def test_same_holds_for_postgresql(postgresql: Database, tmp_path: Path) -> None:
    with named(postgresql, tmp_path) as (hub, names, way):
        owner = until(lambda: admitted(hub), "a busy machine lets somebody in")
        assert postgresql.ask("SELECT name FROM users") == hub.settings.owner

        with postgresql.hanging():
            watch_pages(hub, owner)
        until(lambda: owner.get("/hub/home").is_success, "it answers again")

        token = activity_token(hub)
        with postgresql.locking("users"):
            watch_pages(hub, owner, 3)
            check_pages(owner)
            assert report(hub, token, datetime.now(UTC)).status_code == 503
            # What was given up does not pile up at the database.
            assert postgresql.waiting() <= 1
            assert "statement timeout" in doctor(postgresql, tmp_path)
        until(lambda: owner.get("/hub/home").is_success, "it answers again")
        assert report(hub, token, datetime.now(UTC)).is_success

        way.delay = 0.35
        until(lambda: owner.get("/hub/home").status_code == 503, "it is refused")
        way.delay = 0.0
        until(lambda: owner.get("/hub/home").is_success, "it answers again")

        asked = names.asked
        names.is_silent.set()
        postgresql.restart()
        watch_pages(hub, owner, 3)
        assert names.asked > asked
        names.is_silent.clear()
        until(lambda: hub.call("GET", "/users").is_success, "it is connected again")
        assert heading(owner.get("/hub/home")) == "Your server is not running"


def test_server_goes_on_and_its_activity_is_kept(
    hub: RunningHub, owner: Visitor
) -> None:
    owner.start_server(cores="1", memory="700m", opens="workspace")
    me = hub.settings.owner
    assert owner.get(f"/user/{me}/lab").is_success
    token, moment = activity_token(hub), datetime.now(UTC)

    with locked(hub):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            assert owner.get(f"/user/{me}/api/status").is_success
            time.sleep(0.5)
        # A server that reads this reports again; one that reads 403 gives up.
        assert report(hub, token, moment, "").status_code == 503

    assert report(hub, token, moment, "").is_success
    known = hub.call("GET", f"/users/{me}").json()["servers"][""]["last_activity"]
    assert datetime.fromisoformat(known) >= moment
