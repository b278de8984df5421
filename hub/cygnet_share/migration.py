"""Brings a database to the schema of this version, and gives it its id.

All of it is one transaction that no other process takes part in: of two services that
start at once one waits, and a service that is killed has changed nothing.
"""

from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select, update

from cygnet_share import schema
from cygnet_share.database import Identity, insert_new
from cygnet_share.errors import SchemaError

# Any number that other programs in the same PostgreSQL are not likely to lock.
_LOCK = 0x6379676E6574


def migrate(engine: Engine) -> Identity:
    """Bring a database to the schema of this version, and say which one it is.

    Raises
    ------
    SchemaError
        When a later version has changed the schema.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = _config(connection)
        steps = ScriptDirectory.from_config(config).walk_revisions()
        found = version(connection)
        if found not in {None, *(it.revision for it in steps)}:
            raise SchemaError(str(found))
        command.upgrade(config, "head")
        made = {"id": 1, "uuid": str(uuid4()), "generation": str(uuid4())}
        insert_new(connection, schema.identity, [made])
        row = connection.execute(select(schema.identity)).one()
        return Identity(row.uuid, row.generation)


def renew(connection: Connection) -> None:
    """Note that a database was restored, so that no earlier number counts."""
    connection.execute(update(schema.identity).values(generation=str(uuid4())))


def version(connection: Connection) -> str | None:
    """Give the last step that a database has taken; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Give the last step that there is."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    """Say to alembic where the steps are, and which transaction they belong to."""
    config = Config()
    # Alembic takes `%` for the beginning of a variable.
    steps = str(Path(__file__).with_name("migrations")).replace("%", "%%")
    config.set_main_option("script_location", steps)
    config.attributes["connection"] = connection
    return config
