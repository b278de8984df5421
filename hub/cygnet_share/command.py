"""The commands of who runs the service: back up, restore, renew, check."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from cygnet_share import backup, inspection, mark, store
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.errors import ForeignStoreError
from cygnet_share.migration import migrate, renew
from cygnet_share.settings import Place


def run(arguments: Sequence[str], place: Place) -> int:
    """Carry out a command.

    Parameters
    ----------
    arguments
        Its name, and a directory where it takes one.
    place
        Where the service keeps its data.

    Returns
    -------
    int
        The status to exit with: 1 when something is missing or damaged.
    """
    chosen = _parser().parse_args(arguments)
    place.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = connect(place.url)
    try:
        if chosen.command == "backup":
            backup.back_up(engine, store.chunks(place), chosen.directory)
            return _check_copy(chosen.directory)
        if chosen.command == "restore":
            backup.restore(engine, store.chunks(place), chosen.directory)
        identity = migrate(engine)
        if chosen.command == "renew":
            with engine.begin() as connection:
                renew(connection)
        return _check(Database(engine, identity=identity), place)
    finally:
        engine.dispose()


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="python -m cygnet_share",
        description="Runs the sharing service when no command is given.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("backup", "copy all shares to a new directory, while the service runs"),
        ("restore", "copy a backup to a service that has no shares and does not run"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("directory", type=Path)
    for name, words in (
        ("renew", "let folders begin again, as the database was restored otherwise"),
        ("check", "read all shares, and say what is missing or damaged"),
    ):
        commands.add_parser(name, help=words, description=words)
    return parser


def _check_copy(directory: Path) -> int:
    """Check a backup."""
    engine = connect(f"sqlite:///{directory / backup.DATABASE}")
    try:
        chunks = LocalChunks(directory / backup.CHUNKS)
        return _say(inspection.problems(Database(engine), chunks))
    finally:
        engine.dispose()


def _check(database: Database, place: Place) -> int:
    """Check what the service has."""
    chunks = store.chunks(place)
    try:
        mark.claim(database, chunks)
    except ForeignStoreError as error:
        return _say([str(error)])
    return _say(inspection.problems(database, chunks))


def _say(problems: Iterable[str]) -> int:
    """Print what is wrong, or that all is well."""
    found = list(problems)
    lines = found or ["All shares are whole."]
    sys.stdout.writelines(f"{it}\n" for it in lines)
    return 1 if found else 0
