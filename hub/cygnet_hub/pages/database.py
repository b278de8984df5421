"""Bounds how long the hub waits for its database, which holds up all that it does.

JupyterHub asks its database in its event loop. Here no turn of the loop waits longer
than a second: what is asked too late fails, and for some seconds all else fails too.
What visitors see of it is `outage`'s matter.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import Pool
from traitlets.config import Config

LAST_START_SECONDS = 0.6
"""What has waited so long in one turn of the loop asks nothing more."""
LONGEST_SECONDS = 0.9
"""When an answer is no longer waited for, from the first question of the turn on."""
LOCK_SECONDS = 0.3
"""How long SQLite waits for another program's lock."""
CALM_SECONDS = 10.0
"""How long any answer is waited for while the hub starts or ends, and no user waits."""
PAUSE_SECONDS = 2.0
"""How long nothing is asked after there was no answer."""
NOTABLE_SECONDS = 0.02
"""Faster answers are work, not waiting."""
_log = logging.getLogger(__name__)


class SilentDatabaseError(SQLAlchemyError):
    """The database was not asked, because it did not answer just now."""


@dataclass(slots=True)
class Patience:
    """How long the hub may still wait in this turn of its event loop."""

    is_bounded: bool = False
    """False while the hub starts or ends."""
    spent: float = 0.0
    """The seconds that this turn has waited for the network."""
    begun: float = 0.0
    """When the last question was asked, in seconds of the monotonic clock."""
    silent_until: float = 0.0
    """Until when nothing is asked."""
    recover: Callable[[], None] | None = None
    """Gives up what was half written; until then the session refuses everything."""
    _turn: asyncio.Handle | None = None

    def ask(self) -> None:
        """Begin a question, or refuse it.

        Raises
        ------
        SilentDatabaseError
            If the turn has waited long enough, or there was no answer just now.
        """
        self.begun = time.monotonic()
        if not self.is_bounded:
            return
        if self.begun < self.silent_until:
            self._recover()
            text = "The database did not answer a moment ago."
            raise SilentDatabaseError(text)
        if self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._end_turn)
        if self.spent >= LAST_START_SECONDS:
            self._fall_silent()
            self._recover()
            text = f"The database took {self.spent:.1f} s for a few answers."
            raise SilentDatabaseError(text)

    def waited(self, seconds: float) -> None:
        """Count a wait.

        Parameters
        ----------
        seconds
            How long nothing came from the network. What a busy machine or a slow disk
            takes is no silence of the database.
        """
        self.spent += seconds if seconds >= NOTABLE_SECONDS else 0.0

    def failed(self) -> None:
        """Ask nothing for some time, if it took time to fail."""
        if not self.is_bounded:
            return
        if time.monotonic() - self.begun >= LOCK_SECONDS / 2:
            self._fall_silent()
        self._recover()

    def left(self) -> float:
        """Return for how long an answer is waited for.

        Returns
        -------
        float
            Seconds from now on.
        """
        if self.is_bounded:
            return max(0.0, LONGEST_SECONDS - self.spent)
        return CALM_SECONDS

    def _end_turn(self) -> None:
        self.spent, self._turn = 0.0, None

    def _recover(self) -> None:
        """Recover in the next turn, after the failed one: nothing else does it."""
        if self.recover is not None:
            asyncio.get_running_loop().call_soon(self.recover)

    def _fall_silent(self) -> None:
        _log.warning("Database does not answer pause=%s", PAUSE_SECONDS)
        self.silent_until = time.monotonic() + PAUSE_SECONDS


PATIENCE = Patience()
"""That of this process: it has one hub, and that one event loop."""


def is_silence(error: BaseException | None) -> bool:
    """Return whether an error means that the database does not answer.

    Returns
    -------
    bool
        False for a full disk, which has a page of its own, and for all faults of a
        question.
    """
    if isinstance(error, SilentDatabaseError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    is_full = "disk is full" in str(error) or "No space left" in str(error)
    return isinstance(error, OperationalError) and not is_full


def configure(c: Config) -> None:
    """Bound the wait, for SQLite and PostgreSQL."""
    _listen()
    if c.JupyterHub.db_url.startswith("sqlite"):
        arguments = {"check_same_thread": False, "timeout": CALM_SECONDS}
        c.JupyterHub.db_kwargs = {"connect_args": arguments}
    elif c.JupyterHub.db_url.startswith("postgresql"):
        from cygnet_hub.pages import postgresql  # noqa: PLC0415 - It needs libpq.

        # After what asks whether there is patience.
        postgresql.configure()


def _listen() -> None:
    """Have SQLAlchemy report each query; twice is once."""
    for target, name, listener in (
        (Pool, "checkout", _shorten),
        (Engine, "do_connect", _before),
        (Engine, "before_cursor_execute", _before),
        (Engine, "commit", _before),
        (Engine, "handle_error", _failed),
    ):
        if not event.contains(target, name, listener):
            event.listen(target, name, listener)


def _before(*_: object) -> None:
    PATIENCE.ask()


def _failed(context: ExceptionContext) -> None:
    if is_silence(context.sqlalchemy_exception):
        PATIENCE.failed()


def _shorten(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - Any database's.
    """Wait for no lock of SQLite's as long as at the start."""
    is_ours = isinstance(connection, sqlite3.Connection)
    if is_ours and PATIENCE.is_bounded and "cygnet" not in record.info:
        record.info["cygnet"] = True
        connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")


def check_writable(connection: Connection) -> None:
    """Make sure that something could be written now.

    Parameters
    ----------
    connection
        One of its own, without a transaction.

    Raises
    ------
    SQLAlchemyError
        If not.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "SELECT 1")
    connection.rollback()
