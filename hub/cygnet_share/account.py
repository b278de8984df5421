"""Accounts that have gone from the hub, and what becomes of their shares.

A share of a removed account can be read for a while, handed over, and then ends. The
hub is asked; where it does not answer, everyone is taken to be there.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from cygnet_share import schema
from cygnet_share.database import Database, number
from cygnet_share.right import Person

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the hub: a name, and when it was made."""

    name: str
    created: str


def known(database: Database) -> dict[int, Account]:
    """Give the people whose accounts were there when they were last looked for."""
    return _people(database, is_gone=False)


def gone(database: Database) -> dict[int, Account]:
    """Give the people whose accounts have gone."""
    return _people(database, is_gone=True)


def _people(database: Database, *, is_gone: bool) -> dict[int, Account]:
    """Give people by their id."""
    table = schema.person.c
    chosen = table.gone_at.is_not(None) if is_gone else table.gone_at.is_(None)
    with database.reading.connect() as connection:
        rows = connection.execute(
            select(table.id, table.name, table.created).where(chosen)
        )
        return {it.id: Account(it.name, it.created) for it in rows}


def note(database: Database, left: Iterable[int], returned: Iterable[int]) -> None:
    """Note whose accounts have gone, and whose are there again.

    Parameters
    ----------
    database
        Where people are kept.
    left
        The ids of people who have gone.
    returned
        The ids of people who are there: of a hub that was restored, for example.
    """
    table, now = schema.person, number(database.clock())
    times = dict.fromkeys(left, now) | dict.fromkeys(returned)
    for person, at in times.items():
        with database.engine.begin() as connection:
            chosen = update(table).where(table.c.id == person)
            connection.execute(chosen.values(gone_at=at))
        _log.info("An account has %s person=%d", "gone" if at else "returned", person)


def end_shares(database: Database, kept: timedelta) -> Sequence[int]:
    """End the shares of accounts that went long ago.

    Parameters
    ----------
    database
        Where shares are kept.
    kept
        For how long they can be read.

    Returns
    -------
    sequence of int
        The shares that have ended.
    """
    person, share, now = schema.person.c, schema.share, database.clock()
    owners = select(person.id).where(person.gone_at <= number(now - kept))
    with database.engine.begin() as connection:
        ended = connection.execute(
            update(share)
            .where(share.c.owner.in_(owners), share.c.ended_at.is_(None))
            .values(ended_at=number(now))
            .returning(share.c.id, share.c.owner)
        ).all()
        for it in ended:
            owner = Person(it.owner, "", frozenset())
            database.note(connection, owner, "end", it.id)
    return [it.id for it in ended]
