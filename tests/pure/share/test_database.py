from pathlib import Path

import pytest
from cygnet_share import people, schema, share, snapshot
from cygnet_share.database import Database, connect
from cygnet_share.right import Right
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import EmptyFolder
from sqlalchemy.exc import OperationalError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(connect(f"sqlite:///{tmp_path}/share.sqlite?timeout=0.1"))
    schema.metadata.create_all(made.engine)
    return made


def test_who_reads_does_not_wait_for_who_writes(database: Database) -> None:
    ann = people.person(database, "ann", "2029", [])
    made = share.make(database, ann, "Week 1", 10**9)
    changes = {"a": EmptyFolder()}
    snapshot.publish(database, ann, made, 0, changes, limits=Limits())

    with database.transaction(ann, made, Right.EDIT):
        assert snapshot.tree(database, ann, made, 1) == changes
        with (
            pytest.raises(OperationalError, match="locked"),
            database.transaction(ann, made, Right.EDIT),
        ):
            pass


def test_what_is_committed_is_on_the_disk(database: Database) -> None:
    with database.engine.connect() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):
            found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            assert found == value
