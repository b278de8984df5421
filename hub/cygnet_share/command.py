"""The commands of who runs the service: back up, restore, renew, clock, check."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cygnet_share import backup, clock, inspection, mark, store
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.errors import ForeignStoreError
from cygnet_share.migration import migrate, renew
from cygnet_share.settings import Place
from cygnet_share.upkeep_time import STEP, last_upkeep


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
            size = backup.in_words(backup.needed(engine))
            sys.stdout.write(f"The backup needs about {size}.\n")
            backup.back_up(engine, store.chunks(place), chosen.directory)
            return _check_copy(chosen.directory)
        if chosen.command == "restore":
            backup.restore(engine, store.chunks(place), chosen.directory)
        identity = migrate(engine)
        if chosen.command == "renew":
            with engine.begin() as connection:
                renew(connection)
        if chosen.command == "clock":
            clock.put_right(engine, datetime.now(UTC))
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
        ("clock", "take the machine's clock for right, while the service is stopped"),
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
    now = datetime.now(UTC)
    last = last_upkeep(database.engine)
    if last is not None and now - last > STEP:
        sys.stdout.write(
            f"The last upkeep was for {last:%Y-%m-%d %H:%M} UTC. What has grown old "
            "since goes step by step, once the clock has gone evenly for an hour.\n"
        )
    ahead = clock.ahead(database.engine, now)
    problems = inspection.problems(database, chunks)
    return _say([*problems, *([ahead] if ahead else [])])


def _say(problems: Iterable[str]) -> int:
    """Print what is wrong, or that all is well."""
    found = list(problems)
    lines = found or ["All shares are whole."]
    sys.stdout.writelines(f"{it}\n" for it in lines)
    return 1 if found else 0
