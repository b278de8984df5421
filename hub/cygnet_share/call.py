"""What all JSON calls of the service have in common; none of them decides.

Each reads, asks and answers: who calls, the body, errors in words.
"""

import errno
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from pydantic import ValidationError
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler
from typing_extensions import override

from cygnet_share.api_model import Body
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database
from cygnet_share.errors import (
    ChunkError,
    ForbiddenError,
    MissingError,
    NoShareError,
    ShareError,
    SnapshotError,
    StaleParentError,
)
from cygnet_share.news import Bell
from cygnet_share.right import Person
from cygnet_share.settings import OperatorSettings
from cygnet_share.snapshot_rule import Limits

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound=Body)

STATUS: Mapping[type[ShareError], HTTPStatus] = {
    NoShareError: HTTPStatus.NOT_FOUND,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    StaleParentError: HTTPStatus.CONFLICT,
    MissingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SnapshotError: HTTPStatus.BAD_REQUEST,
    ChunkError: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True, slots=True)
class Service:
    """What the calls share."""

    database: Database
    chunks: LocalChunks

    identify: Callable[[HTTPServerRequest], Awaitable[Person | None]]
    """Gives the person whose token a request has."""

    person_of: Callable[[str], Awaitable[Person | None]]
    """Gives the person of a name in the hub."""

    threads: Executor
    """Where the database and the disk are asked."""

    bell: Bell
    limits: Limits

    operator: OperatorSettings = field(default_factory=OperatorSettings)
    """What the operator decides."""


class Call(RequestHandler):
    """What all calls have in common."""

    person: Person

    @override
    def initialize(self, service: Service) -> None:
        """Take what the calls share."""
        self.service = service

    @override
    async def prepare(self) -> None:
        """Ask the hub who calls.

        Notes
        -----
        A token in a header, and never a cookie: a page of another site can make a
        browser send the one, and not the other. So there is no XSRF token either.
        """
        person = await self.service.identify(self.request)
        if person is None:
            raise HTTPError(HTTPStatus.FORBIDDEN, reason="Send a token of the hub")
        self.person = person

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
        """Read the body, or refuse it with everything that is wrong."""
        try:
            return model.model_validate_json(self.request.body)
        except ValidationError as error:
            problems = [
                {"place": ".".join(map(str, it["loc"])), "reason": it["msg"]}
                for it in error.errors(include_url=False, include_input=False)
            ]
            message = "The call is not as the service takes it."
            status = HTTPStatus.BAD_REQUEST
            raise CallError(status, message, problems=problems) from None

    @override
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error as JSON; what a person did has no traceback."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        found = _call_error(error)
        if found is None:
            self.finish({"message": self._reason})
            return
        self.set_status(found.status_code)
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
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CallError(
            HTTPStatus.INSUFFICIENT_STORAGE,
            "The store of shares is full. Delete shares, or ask your administrator.",
        )
    return None


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
