"""The sharing service's database on PostgreSQL; `tests/pure/share` has SQLite."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cygnet_share import people, schema, share, snapshot
from cygnet_share.database import Database, connect
from cygnet_share.errors import StaleParentError
from cygnet_share.right import Audience, Grant, Right
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import EmptyFolder

from tests.support import postgres
from tests.support.port import free_ports


@pytest.fixture(scope="module")
def database() -> Generator[Database]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("Debian's postgresql is missing: `apt-get install postgresql`.")
    [port] = free_ports(1)
    with postgres.database(programs, "127.0.0.1", port) as running:
        made = Database(connect(running.url))
        schema.metadata.create_all(made.engine)
        yield made
        made.engine.dispose()


def test_one_of_many_who_publish_at_once_wins(database: Database) -> None:
    ann = people.person(database, "ann", "2029", [])
    made = share.make(database, ann, "Week 1", 10**9)
    everyone = Grant(Audience.EVERYONE, "", Right.EDIT)
    share.grant(database, ann, made, everyone)

    def write(number: int) -> bool:
        person = people.person(database, f"p{number % 5}", "2029", [])
        changes = {f"x{number}": EmptyFolder()}
        try:
            snapshot.publish(database, person, made, 0, changes, limits=Limits())
        except StaleParentError:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(write, range(20))) == 1
    assert [it.seq for it in snapshot.snapshots(database, ann, made)] == [1]
