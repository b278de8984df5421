"""Writes a step of the share service's database: `python -m scripts.write_migration`.

It is what `cygnet_share.schema` has and the steps before it do not make. Read it: a
column that is renamed looks like one that goes and one that comes. While `initial` is
released nowhere, remove its file and write it again.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cygnet_share
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from cygnet_share import schema
from cygnet_share.database import connect
from cygnet_share.migration import migrate, newest

VERSIONS = Path(cygnet_share.__file__).parent / "migrations/versions"


def main(name: str) -> None:
    """Write a step.

    Parameters
    ----------
    name
        Of the step and its file, as `initial`.
    """
    place = VERSIONS / f"{name}.py"
    place.write_text("".join(f"{it}\n" for it in lines(name)))
    for command in ("format", "check"):
        ruff = [sys.executable, "-m", "ruff", command, "--quiet", str(place)]
        subprocess.run(ruff, check=True)


def lines(name: str) -> Iterator[str]:
    """Give the lines of a step's file."""
    engine, before = connect("sqlite://"), newest()
    if before is not None:
        migrate(engine)
    with engine.connect() as connection:
        found = produce_migrations(
            MigrationContext.configure(connection), schema.metadata
        )
    operations = found.upgrade_ops.ops if found.upgrade_ops else []
    yield f'"""The step `{name}` of the database."""\n'
    yield "import sqlalchemy as sa\nfrom alembic import op\n"
    yield f"revision = {name!r}\ndown_revision: str | None = {before!r}\n\n"
    yield 'def upgrade() -> None:\n    """Take the step."""'
    yield from (f"    _part_{number}()" for number, _ in enumerate(operations))
    for number, operation in enumerate(operations):
        code = render_python_code(UpgradeOps([operation]))
        yield f"\n\ndef _part_{number}() -> None:"
        yield from (f"    {it}" for it in code.splitlines() if "# ###" not in it)


if __name__ == "__main__":
    main(sys.argv[1])
