"""Shows that the database does not answer, in place of what JupyterHub makes of it.

JupyterHub 6.1 takes a visitor for logged out whom it could not look up: pages lead to
the login, and servers and scripts read that their token is wrong. Its handlers have one
base class and no setting for this, so three methods of that are wrapped, and the one
that ends the hub, which goes on for ever when the database fails in it.
"""

from http import HTTPStatus
from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import HTTPError
from traitlets.config import Config

from cygnet_hub.pages import database, wrapping

TITLE = "The service's database does not answer"
TOLD = (
    "The hub cannot look up who you are, or note anything, until it does. Your login, "
    "your servers and what runs in them are not affected. Try again in a minute; if it "
    "lasts, ask your administrator."
)
_RETRY_SECONDS = 5


class DatabaseOutageError(HTTPError):
    """Status 503, with the reason."""

    title = TITLE

    def __init__(self) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, TITLE)
        self.jupyterhub_message, self.told = f"{TITLE}. {TOLD}", TOLD
        self.headers = {"Retry-After": str(_RETRY_SECONDS), "Cache-Control": "no-store"}


def configure(c: Config) -> None:
    """Bound the wait for the database, and say it when there is no answer."""
    database.configure(c)
    for owner, wrap in (
        (BaseHandler, _prepare),
        (BaseHandler, _get_current_user),
        (BaseHandler, _send_error),
        (JupyterHub, _shutdown_cancel_tasks),
    ):
        wrapping.once(owner, wrap.__name__.removeprefix("_"), wrap)


def _get_current_user(original: Any) -> Any:  # noqa: ANN401 - JupyterHub has no types.
    async def get_current_user(self: Any) -> object:  # noqa: ANN401 - See above.
        """Note that no user could be looked up, which is not that there is none."""
        try:
            return await original(self)
        except SQLAlchemyError as error:
            if not database.is_silence(error):
                raise
            self.db.rollback()
            self.cygnet_outage = True
            # A new token would make forms void that are open elsewhere.
            self._xsrf_token = b""
            return None

    return get_current_user


def _prepare(original: Any) -> Any:  # noqa: ANN401 - See above.
    async def prepare(self: Any) -> None:  # noqa: ANN401 - See above.
        """Refuse what needs the database while there is none."""
        database.PATIENCE.is_bounded = True
        database.PATIENCE.recover = self.db.rollback
        self.cygnet_outage = False
        try:
            if isinstance(self, LoginHandler) or getattr(self, "is_login", False):
                # Before a link is spent, or a browser is sent to the provider.
                with self.db.get_bind().connect() as connection:
                    database.check_writable(connection)
            await original(self)
        except SQLAlchemyError as error:
            if not database.is_silence(error):
                raise
            self.cygnet_outage = True
        except HTTPError:
            if not self.cygnet_outage:
                raise
        if self.cygnet_outage:
            raise DatabaseOutageError

    return prepare


def _send_error(original: Any) -> Any:  # noqa: ANN401 - See above.
    def send_error(self: Any, status_code: int = 500, **how: Any) -> None:  # noqa: ANN401 - See above.
        """Answer what failed half-way likewise."""
        error = (how.get("exc_info") or (None, None))[1]
        if database.is_silence(error):
            self.db.rollback()
            error = DatabaseOutageError()
            how["exc_info"] = (DatabaseOutageError, error, None)
        if isinstance(error, DatabaseOutageError):
            status_code = error.status_code
            # The page is laid out without a question to the database, and as above.
            self._jupyterhub_user, self._xsrf_token = None, b""
            self.expanded_scopes, self.parsed_scopes = set(), {}
        original(self, status_code, **how)

    return send_error


def _shutdown_cancel_tasks(original: Any) -> Any:  # noqa: ANN401 - See above.
    async def shutdown_cancel_tasks(self: Any, sig: object = None) -> None:  # noqa: ANN401 - See above.
        """End the hub, also when not everything can be noted."""
        database.PATIENCE.is_bounded = False
        try:
            self.db.rollback()
            await original(self, sig)
        except SQLAlchemyError:
            self.log.exception("Hub ends without its database")
            self._stop_event_loop()

    return shutdown_cancel_tasks
