from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from cygnet_share import people, schema, share
from cygnet_share.database import Database, connect
from cygnet_share.right import Audience, Grant, Right
from sqlalchemy import event, update

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    made = Database(connect(f"sqlite:///{tmp_path}/share.sqlite"), lambda: NOW)
    schema.metadata.create_all(made.engine)
    yield made
    made.engine.dispose()


def test_list_says_of_each_share_what_each_question_about_it_would(
    database: Database,
) -> None:
    ann, gone = (people.person(database, it, "2029", []) for it in ("ann", "gone"))
    bob = people.person(database, "bob", "2029", ["g"])
    ends = (None, NOW - HOUR, NOW, NOW + HOUR)
    audiences = [
        (Audience.USER, str(bob.id)),
        (Audience.GROUP, "g"),
        (Audience.GROUP, "h"),
        (Audience.EVERYONE, ""),
    ]
    owners, own_ends = (ann, gone), (None, NOW)
    for owner, own_end, audience, end in product(owners, own_ends, audiences, ends):
        made = share.make(database, owner, "Week 1", 10**9)
        share.change(database, owner, made, title="Week 1", expires=own_end)
        share.grant(database, owner, made, Grant(*audience, Right.EDIT, end))
    with database.engine.begin() as connection:
        gone_at = update(schema.person).where(schema.person.c.id == gone.id)
        connection.execute(gone_at.values(gone_at=1))
    asked = list[str]()
    event.listen(
        database.engine, "before_cursor_execute", lambda *it: asked.append(it[2])
    )
    for everyone in (True, False):
        one = Database(database.engine, database.clock, everyone=everyone)
        asked.clear()
        listed = share.listed(one, bob)
        count = len([it for it in asked if not it.startswith("BEGIN")])
        with one.reading.connect() as connection:
            rights = {it: one.right(connection, bob, it) for it in range(1, 65)}

        assert count == 1, "one question for all"
        assert {it.id: it.right for it in listed} == {
            key: right for key, right in rights.items() if right is not None
        }
        assert all(it.expires is None or it.expires > NOW for it in listed)
        assert all(it.is_shared for it in listed)
