"""What all JSON calls of the service have in common; none of them decides.

Each reads, asks and answers: who calls, the body, errors in words.
"""

import errno
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from itertools import islice
from types import MappingProxyType, TracebackType
from typing import Any, ParamSpec, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from tornado.http1connection import HTTP1Connection
from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, stream_request_body
from typing_extensions import override

from cygnet_share.api_model import Body
from cygnet_share.chunk_store import Chunks
from cygnet_share.database import Database
from cygnet_share.errors import (
    BusyError,
    ChunkError,
    CrowdError,
    ForbiddenError,
    ForeignStoreError,
    MissingError,
    NoPersonError,
    NoShareError,
    PolicyError,
    QuotaError,
    RoomError,
    ShareError,
    SnapshotError,
    StaleParentError,
    StoreError,
)
from cygnet_share.large_answer import LargeAnswer
from cygnet_share.news import Bell, Feed
from cygnet_share.presence import Presence
from cygnet_share.quota import Allowances
from cygnet_share.right import Person, Right
from cygnet_share.settings import OperatorSettings
from cygnet_share.snapshot_rule import Limits
from cygnet_share.turn import Kind, Memory, Turns

Names: TypeAlias = tuple[Sequence[str], Sequence[str]]
"""Names of people, and of groups."""

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound=Body)

DATABASE = "Cygnet-Database"
"""The header with the id of the database that a call is for."""

GENERATION = "Cygnet-Generation"
"""The header with its generation, another one since each restoration."""

_DISK_FULL = "53100"

STATUS: Mapping[type[ShareError], HTTPStatus] = {
    NoShareError: HTTPStatus.NOT_FOUND,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    StaleParentError: HTTPStatus.CONFLICT,
    MissingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SnapshotError: HTTPStatus.BAD_REQUEST,
    ChunkError: HTTPStatus.BAD_REQUEST,
    BusyError: HTTPStatus.TOO_MANY_REQUESTS,
    CrowdError: HTTPStatus.SERVICE_UNAVAILABLE,
    RoomError: HTTPStatus.INSUFFICIENT_STORAGE,
    QuotaError: HTTPStatus.INSUFFICIENT_STORAGE,
    PolicyError: HTTPStatus.FORBIDDEN,
    NoPersonError: HTTPStatus.NOT_FOUND,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    ForeignStoreError: HTTPStatus.INSUFFICIENT_STORAGE,
}

_DIGITS = 18
_PROBLEMS = 100
_PLACE = 200
_BODY_SECONDS = 120
"""How long a body may take to come."""


async def no_visitor(name: str, token: str) -> None:
    """Know nobody."""


async def no_names(prefix: str, most: int) -> Names:  # noqa: ARG001 - As others.
    """Find nobody."""
    return (), ()


@dataclass(frozen=True, slots=True)
class Service:
    """What the calls share."""

    database: Database
    chunks: Chunks

    identify: Callable[[HTTPServerRequest], Awaitable[Person | None]]
    """Gives the person whose token a request has."""

    person_of: Callable[[str], Awaitable[Person | None]]
    """Gives the person of a name in the hub."""

    threads: Executor
    """Where the database and the disk are asked."""

    bell: Bell
    limits: Limits

    names: Callable[[str, int], Awaitable[Names]] = no_names
    """Finds people and groups by the beginning of their names."""

    visitor: Callable[[str, str], Awaitable[Person | None]] = no_visitor
    """Gives the person of a name and of the token by which the hub has found it."""

    pages: str = "/services/share/"
    """Where browsers find the pages, with a slash at its end."""

    operator: OperatorSettings = field(default_factory=OperatorSettings)
    """What the operator decides."""

    turns: Turns = field(default_factory=Turns)
    """How much one person may take at once."""

    memory: Memory = field(default_factory=Memory)
    """How much of it bodies and answers take."""

    presence: Presence = field(default_factory=Presence)
    """Who has what open."""

    feed: Feed = field(default_factory=Feed)
    """What has happened lately."""

    allowances: Allowances = field(default_factory=Allowances)
    """How much may be sent before the quota is asked again."""


@stream_request_body
class Call(LargeAnswer):
    """What all calls have in common.

    Notes
    -----
    Who calls is asked before the body is read, and nothing is kept of the body of a
    call that is refused.
    """

    person: Person

    kinds: Mapping[str, Kind] = MappingProxyType({})
    """What a method takes of the service, where it is not `Kind.CALL`."""

    wants: Mapping[str, Right] = MappingProxyType({})
    """The right that a method takes, asked before the body; its act asks again."""

    max_body = 2**20
    """The most bytes of a body."""

    @override
    def initialize(self, service: Service) -> None:
        """Take what the calls share."""
        self.service = service
        self._parts: list[bytes] = []
        self._refusal: Exception | None = None
        self._is_running = self._is_cut = False
        self._held = 0
        self._leave: Callable[[], None] = _nothing

    @override
    async def prepare(self) -> None:
        """Ask the hub who calls, and whether they may call now.

        Notes
        -----
        A token in a header, and never a cookie: a page of another site can make a
        browser send the one, and not the other. So there is no XSRF token either.
        """
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection):
            connection.set_max_body_size(self.max_body)
            connection.set_body_timeout(_BODY_SECONDS)
        name = str(self.request.method).lower()
        try:
            self.person = await self.identified()
            kind = self.kinds.get(name, Kind.CALL)
            self._leave = self.service.turns.take(self.person.id, kind)
            if self._is_cut:
                # Nothing else is called any more for a caller who has gone.
                self._leave()
            if name in self.wants:
                share, wanted = int(self.path_args[0]), self.wants[name]
                database = self.service.database
                await self.run(database.ask, self.person, share, wanted)
        except (HTTPError, ShareError) as error:
            # Tornado closes a connection whose answer is there before the body, and
            # the caller would read of a broken connection. So the answer waits.
            self._refusal = error
        setattr(self, name, partial(self._answer, getattr(self, name)))

    async def identified(self) -> Person:
        """Give who calls."""
        person = await self.asked(self.service.identify(self.request))
        if person is None:
            message = "Send a token of the hub that may use shares."
            raise CallError(HTTPStatus.FORBIDDEN, message)
        self._refuse_lost()
        return person

    def _refuse_lost(self) -> None:
        """Refuse a call for another database than this one, or for what it was before.

        Notes
        -----
        Numbers are given again: share 1 of a database that was made since is another
        person's, and nothing may be published into it or removed for it. Version 9 of
        a share is another one after a restoration.
        """
        identity, headers = self.service.database.identity, self.request.headers
        if headers.get(DATABASE, identity.uuid) != identity.uuid:
            message = (
                "The sharing service was set up again and has lost its records, so it "
                "does not know this share. Share the folder again, or ask its owner to."
            )
            raise CallError(HTTPStatus.PRECONDITION_FAILED, message)
        if headers.get(GENERATION, identity.generation) != identity.generation:
            message = (
                "The sharing service was restored from a backup, and numbers of "
                "versions mean others now. Ask which there are, and try again."
            )
            raise CallError(HTTPStatus.PRECONDITION_FAILED, message)

    async def asked(self, question: Awaitable[T]) -> T:
        """Give what the hub answers, or refuse the call while it does not."""
        try:
            return await question
        except (HTTPError, HTTPClientError, OSError) as error:
            message = "The hub does not answer. Try again in a moment."
            raise CallError(HTTPStatus.SERVICE_UNAVAILABLE, message) from error

    async def _answer(
        self, method: Callable[..., Awaitable[None]], *args: str, **kwargs: str
    ) -> None:
        """Answer a call whose body has come."""
        self._is_running = True
        if self._refusal is not None:
            raise self._refusal
        await method(*args, **kwargs)

    @override
    def data_received(self, chunk: bytes) -> None:
        """Keep a part of the body."""
        if self._refusal is not None:
            return
        try:
            self.hold(len(chunk))
        except CrowdError as error:
            self._refusal = error
            self._parts.clear()
            self._release()
        else:
            self._parts.append(chunk)

    def hold(self, size: int) -> None:
        """Take memory until the end of the call, or refuse it."""
        self.service.memory.take(self.person.id, size)
        self._held += size

    def _release(self) -> None:
        """Give the memory back."""
        if self._held:
            self.service.memory.give(self.person.id, self._held)
            self._held = 0

    @override
    def on_finish(self) -> None:
        """Let the person's next call come."""
        self._leave()
        self._release()

    @override
    def on_connection_close(self) -> None:
        """Let the person's next call come, when nothing runs for this one."""
        super().on_connection_close()
        self._is_cut = True
        if not self._is_running:
            self._leave()
            self._release()

    @property
    def sent(self) -> bytes:
        """The body."""
        return b"".join(self._parts)

    @override
    def check_xsrf_cookie(self) -> None:
        """Check nothing: cookies are not looked at."""

    @override
    def set_default_headers(self) -> None:
        """Keep answers out of caches, and from being taken for pages."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")

    async def run(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call what waits for the database or the disk."""
        call = partial(function, *args, **kwargs)
        return await IOLoop.current().run_in_executor(self.service.threads, call)

    def body(self, model: type[B]) -> B:
        """Read the body, or refuse it with what is wrong."""
        try:
            return model.model_validate_json(self.sent)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            problems = [
                {"place": ".".join(map(str, it["loc"]))[:_PLACE], "reason": it["msg"]}
                for it in islice(found, _PROBLEMS)
            ]
            message = "The call is not as the service takes it."
            status = HTTPStatus.BAD_REQUEST
            raise CallError(status, message, problems=problems) from None

    def number(self, name: str) -> int | None:
        """Give a number of the query; None where there is none."""
        asked = self.get_query_argument(name, "")
        if len(asked) > _DIGITS or (asked and not asked.isdecimal()):
            message = f"“{name}” is not a number that the service has given."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return int(asked) if asked else None

    @override
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error as JSON; what a person did has no traceback."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        found = _call_error(error)
        if found is None:
            self.finish({"message": self._reason})
            return
        self.set_status(found.status_code)
        if isinstance(error, BusyError | CrowdError):
            self.set_header("Retry-After", str(error.seconds))
        self.finish({"message": found.message, **found.details})

    @override
    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what the service did wrong, and not what a caller did."""
        if _call_error(value) is None:
            super().log_exception(typ, value, tb)


def _nothing() -> None:
    """Give nothing back."""


class CallError(HTTPError):
    """A call that is refused, with what is answered.

    Parameters
    ----------
    status
        The status of the answer.
    message
        Whole sentences.
    details
        What a program needs of it.
    """

    def __init__(self, status: HTTPStatus, message: str, **details: object) -> None:
        super().__init__(status)
        self.message = message
        self.details = details


def _call_error(error: BaseException | None) -> CallError | None:
    """Give what is answered to an error of a caller, or of a full disk."""
    if isinstance(error, CallError):
        return error
    if isinstance(error, ShareError) and type(error) in STATUS:
        return CallError(STATUS[type(error)], str(error), **_details(error))
    if _is_full(error):
        return CallError(
            HTTPStatus.INSUFFICIENT_STORAGE,
            "The store of shares is full. Delete shares, or ask your administrator.",
        )
    return None


def _is_full(error: BaseException | None) -> bool:
    """Whether the disk of the chunks or of the database is full."""
    if isinstance(error, OperationalError):
        found = error.orig
        is_full = getattr(found, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        return is_full or getattr(found, "pgcode", None) == _DISK_FULL
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _details(error: ShareError) -> dict[str, object]:
    """Give what a program needs of an error."""
    if isinstance(error, StaleParentError):
        return {"head": error.head}
    if isinstance(error, MissingError):
        return {"chunks": error.chunks}
    if isinstance(error, SnapshotError):
        return {
            "problems": [
                {"place": it.path, "reason": it.reason, "remedy": it.remedy}
                for it in error.refusals
            ]
        }
    return {}
