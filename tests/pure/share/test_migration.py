"""The schema that the steps make; `tests/hub/test_share_postgresql.py` has another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cygnet_share import schema
from cygnet_share.database import connect
from cygnet_share.errors import SchemaError
from cygnet_share.migration import migrate
from sqlalchemy import Table, func, inspect, select

from scripts import write_migration
from tests.support.share_place import Place


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/100%25.sqlite"


def test_steps_make_the_schema(url: str) -> None:
    engine = connect(url)
    migrate(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    assert not [it for it in write_migration.lines("next") if "_part_" in it]


def test_services_that_start_at_once_make_one_database(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(migrate, (connect(url) for _ in range(4))))

    assert len(found) == 1
    assert migrate(connect(url)) in found
    with connect(url).connect() as connection:
        rows = select(func.count()).select_from(schema.identity)
        assert connection.execute(rows).scalar_one() == 1


def test_database_of_a_later_version_is_left_alone(url: str) -> None:
    engine = connect(url)
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
        connection.exec_driver_sql("DROP TABLE audit")

    with pytest.raises(SchemaError, match="later version of Cygnet"):
        migrate(engine)

    assert "audit" not in inspect(engine).get_table_names()


def test_step_that_fails_changes_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(url)
    monkeypatch.setattr(
        "cygnet_share.migration.uuid4", lambda: pytest.fail("no id today")
    )
    with pytest.raises(pytest.fail.Exception):
        migrate(engine)

    assert inspect(engine).get_table_names() == []


@pytest.mark.parametrize("table", [schema.share, schema.person, schema.event])
def test_number_of_what_was_removed_is_given_to_nothing_else(
    tmp_path: Path, table: Table
) -> None:
    place = Place(tmp_path).with_share()
    newest = select(func.max(table.c.id))
    with place.database.engine.begin() as connection:
        before = connection.execute(newest).scalar_one()
        for it in (schema.event, schema.audit, schema.share, schema.person):
            connection.execute(it.delete())

    place.with_share()

    with place.database.engine.begin() as connection:
        assert connection.execute(newest).scalar_one() > before
