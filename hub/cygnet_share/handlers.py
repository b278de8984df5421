"""The service's JSON calls. None decides: each reads, asks and answers."""

import errno
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from pydantic import ValidationError
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler
from typing_extensions import override

from cygnet_share import share, snapshot
from cygnet_share.api_model import (
    Body,
    ChangedShare,
    Chunks,
    NewGrant,
    NewShare,
    Publication,
    Restoration,
    tree_json,
)
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
from cygnet_share.news import Bell, News, since
from cygnet_share.right import Audience, Grant, Person, Right
from cygnet_share.snapshot import Snapshot
from cygnet_share.snapshot_rule import Limits

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound=Body)

POLL_SECONDS = 25.0
"""How long a call for news waits."""

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


class SharesCall(Call):
    """`shares`: the list, and a new one."""

    @override
    async def get(self) -> None:
        """List the caller's shares and those shared with them, the newest first."""
        found = await self.run(share.listed, self.service.database, self.person)
        self.finish({"shares": [_listed_json(it) for it in found]})

    @override
    async def post(self) -> None:
        """Make a share."""
        title = self.body(NewShare).title
        made = await self.run(
            share.make,
            self.service.database,
            self.person,
            title,
            self.service.limits.max_bytes,
        )
        self.set_status(HTTPStatus.CREATED)
        self.finish({"id": made})


class ShareCall(Call):
    """`shares/ID`: one share."""

    @override
    async def get(self, number: str) -> None:
        """Say what the caller may know of it."""
        found = await self.run(
            share.detail, self.service.database, self.person, int(number)
        )
        self.finish(_detail_json(found))

    @override
    async def put(self, number: str) -> None:
        """Give it another title and end."""
        body = self.body(ChangedShare)
        await self.run(
            share.change,
            self.service.database,
            self.person,
            int(number),
            title=body.title,
            expires=body.expires,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    @override
    async def delete(self, number: str) -> None:
        """End a share."""
        await self.run(share.end, self.service.database, self.person, int(number))
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)


class GrantsCall(Call):
    """`shares/ID/grants`: who may what."""

    @override
    async def put(self, number: str) -> None:
        """Grant a right, in the place of the one that the same audience had."""
        body = self.body(NewGrant)
        given = Grant(
            body.audience,
            await self.principal(body.audience, body.principal),
            Right[body.right.upper()],
            body.expires,
        )
        await self.run(
            share.grant, self.service.database, self.person, int(number), given
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    @override
    async def delete(self, number: str) -> None:
        """Revoke what the audience of the query has."""
        audience = Audience(self.get_query_argument("audience"))
        principal = await self.principal(
            audience, self.get_query_argument("principal", "")
        )
        await self.run(
            share.revoke,
            self.service.database,
            self.person,
            int(number),
            audience,
            principal,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    async def principal(self, audience: Audience, name: str) -> str:
        """Give what the database knows an audience by."""
        if audience is not Audience.USER:
            return "" if audience is Audience.EVERYONE else name
        found = await self.service.person_of(name)
        if found is None:
            message = f"There is no user “{name}”. Look the name up, and try again."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return str(found.id)


class MissingCall(Call):
    """`shares/ID/missing`: what is to be sent."""

    @override
    async def post(self, number: str) -> None:
        """Say which chunks have to be sent before they can be published."""
        chunks = self.body(Chunks).chunks
        found = await self.run(
            snapshot.missing, self.service.database, self.person, int(number), chunks
        )
        self.finish({"chunks": found})


class ChunkCall(Call):
    """`shares/ID/chunks/SHA256`: a chunk that is sent."""

    @override
    async def put(self, number: str, chunk: str) -> None:
        """Keep a chunk."""
        await self.run(self._keep, int(number), chunk)
        self.set_status(HTTPStatus.NO_CONTENT)

    def _keep(self, number: int, chunk: str) -> None:
        """Ask for the right, keep the bytes, and note who has sent them."""
        service, data = self.service, self.request.body
        snapshot.missing(service.database, self.person, number, [chunk])
        service.chunks.put(chunk, data)
        snapshot.receive(service.database, self.person, chunk, len(data))
        # The sweep may have removed an older one between the two.
        service.chunks.put(chunk, data)


class SnapshotsCall(Call):
    """`shares/ID/snapshots`: the versions, and a new one."""

    @override
    async def get(self, number: str) -> None:
        """List the snapshots, the newest first."""
        found = await self.run(
            snapshot.snapshots, self.service.database, self.person, int(number)
        )
        self.finish({"snapshots": [_snapshot_json(it) for it in found]})

    @override
    async def post(self, number: str) -> None:
        """Publish a snapshot."""
        body = self.body(Publication)
        made = await self.run(
            snapshot.publish,
            self.service.database,
            self.person,
            int(number),
            body.parent,
            body.entries(),
            limits=self.service.limits,
            note=body.note,
        )
        self.service.bell.ring()
        self.finish(_snapshot_json(made))


class RestoreCall(Call):
    """`shares/ID/restore`: an old version as a new one."""

    @override
    async def post(self, number: str) -> None:
        """Publish what a snapshot held."""
        body = self.body(Restoration)
        made = await self.run(
            snapshot.restore,
            self.service.database,
            self.person,
            int(number),
            body.snapshot,
            body.paths,
            limits=self.service.limits,
        )
        self.service.bell.ring()
        self.finish(_snapshot_json(made))


class TreeCall(Call):
    """`shares/ID/snapshots/SEQ`: what a snapshot holds."""

    @override
    async def get(self, number: str, seq: str) -> None:
        """List its files by path."""
        found = await self.run(
            snapshot.tree, self.service.database, self.person, int(number), int(seq)
        )
        self.finish({"entries": tree_json(found)})


class ReadCall(Call):
    """`shares/ID/snapshots/SEQ/chunks/SHA256`: a chunk of a snapshot."""

    @override
    async def get(self, number: str, seq: str, chunk: str) -> None:
        """Give its bytes."""
        data = await self.run(self._read, int(number), int(seq), chunk)
        if data is None:
            message = "A part of this file is lost. Ask its owner to save it again."
            raise CallError(HTTPStatus.GONE, message)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        self.finish(data)

    def _read(self, number: int, seq: int, chunk: str) -> bytes | None:
        """Ask for the right, and read."""
        snapshot.chunk_of(self.service.database, self.person, number, seq, chunk)
        return self.service.chunks.get(chunk)


class EventsCall(Call):
    """`events`: waits for news."""

    _is_left = False

    @override
    async def get(self) -> None:
        """Answer with news, or after a while with none."""
        asked = self.get_query_argument("since", None)
        last = None if asked is None else int(asked)
        end = IOLoop.current().time() + POLL_SECONDS
        found = await self._since(last)
        while last is not None and found.is_empty:
            left = end - IOLoop.current().time()
            if left <= 0 or self._is_left:
                break
            await self.service.bell.wait(left)
            found = await self._since(last)
        self.finish(
            {
                "last": found.last,
                "shares": sorted(found.shares),
                "is_list_changed": found.is_list_changed,
            }
        )

    @override
    def on_connection_close(self) -> None:
        """End the wait of a caller who has gone."""
        self._is_left = True

    async def _since(self, last: int | None) -> News:
        """Ask for news."""
        return await self.run(since, self.service.database, self.person, last)


def _listed_json(found: share.Listed) -> dict[str, object]:
    """Give a share of a list as the service answers it."""
    return {
        "id": found.id,
        "title": found.title,
        "owner": found.owner,
        "is_mine": found.is_mine,
        "right": found.right.name.lower(),
        "head": found.head,
    }


def _detail_json(found: share.Detail) -> dict[str, object]:
    """Give what is known of a share as the service answers it."""
    return {
        "id": found.id,
        "title": found.title,
        "owner": found.owner,
        "right": found.right.name.lower(),
        "head": found.head,
        "expires": found.expires and found.expires.isoformat(),
        "grants": [
            {
                "audience": it.audience,
                "principal": it.principal,
                "right": it.right.name.lower(),
                "expires": it.expires and it.expires.isoformat(),
            }
            for it in found.grants
        ],
    }


def _snapshot_json(found: Snapshot) -> dict[str, object]:
    """Give a snapshot as the service answers it."""
    return {
        "seq": found.seq,
        "published_by": found.published_by,
        "published_at": found.published_at.isoformat(),
        "files": found.files,
        "bytes": found.bytes,
        "note": found.note,
    }
