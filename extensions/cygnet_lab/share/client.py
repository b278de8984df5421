"""Calls the sharing service, and knows since when it has been away."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar

import httpx
from cygnet_share.api_model import tree_json
from cygnet_share.tree import CHUNK_BYTES, Entry, Tree
from pydantic import ValidationError

from cygnet_lab.share import answer
from cygnet_lab.share.errors import (
    AwayError,
    BusyError,
    FullError,
    LackingError,
    LostRecordsError,
    NoShareError,
    RefusedError,
    StaleError,
)
from cygnet_lab.share.waiting import AT_ONCE

A = TypeVar("A", bound=answer.Answer)

ATTEMPTS = 3
"""How often a call is sent when nothing answers; each may be repeated."""

PATIENCE = httpx.Timeout(60.0, connect=5.0)
"""How long an answer may take; a call for news waits 25 seconds of it."""

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_BATCH = 10_000
_AWAY = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class Client:
    """The service, called as one person.

    Parameters
    ----------
    url
        The path of its calls, with a slash at its end.
    token
        The notebook server's own.
    """

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"token {token}"},
            timeout=PATIENCE,
            trust_env=False,
        )
        # Folders do not know of each other; the service takes so many of a person.
        self._gates = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(AT_ONCE)
        )
        self.away_since: datetime | None = None
        """Since when nothing has answered, in UTC."""

        self.database = ""
        """The id of the database that all calls are for; empty until it is known."""

        self.generation = ""
        """Its generation: numbers of versions that were known in another are void."""

        self.on_change: Callable[[], None] = lambda: None
        """Called when the service goes away or comes back."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def me(self) -> answer.Me:
        """Say what this person has to know of the service."""
        return await self._ask(answer.Me, "GET", "me")

    async def relay(self, method: str, path: str, **details: object) -> object:
        """Call for a page, and give the JSON of the answer; None for none."""
        found = await self._call(method, path, **details)
        try:
            read: object = found.json() if found.content else None
        except ValueError:
            reason = "something else answers in its place"
            raise self._missed(AwayError(reason)) from None
        self._met()
        return read

    async def shares(self) -> Sequence[answer.Share]:
        """List the shares of this person and those shared with them."""
        return (await self._ask(answer.Shares, "GET", "shares")).shares

    async def make(self, title: str) -> int:
        """Make a share, and give its id."""
        made = await self._ask(answer.Made, "POST", "shares", json={"title": title})
        return made.id

    async def news(self, known: answer.News | None) -> answer.News:
        """Wait for what is new since then, or give the newest event at once."""
        asked = {} if known is None else {"since": known.last, "seen": known.seen}
        return await self._ask(answer.News, "GET", "events", params=asked)

    async def tree(self, share: int, seq: int) -> Tree:
        """Give what a snapshot holds."""
        path = f"shares/{share}/snapshots/{seq}"
        return (await self._ask(answer.Entries, "GET", path)).tree()

    async def snapshots(self, share: int) -> Sequence[answer.Published]:
        """List the snapshots, the newest first."""
        path = f"shares/{share}/snapshots"
        return (await self._ask(answer.Snapshots, "GET", path)).snapshots

    async def present(self, share: int) -> Sequence[answer.Present]:
        """Say who has notebooks of a share open."""
        return (await self._ask(answer.Detail, "GET", f"shares/{share}")).present

    async def be_present(self, share: int, paths: Sequence[str]) -> None:
        """Say which notebooks of a share this person has open."""
        body = {"paths": list(paths)}
        await self._call("PUT", f"shares/{share}/presence", json=body)

    async def missing(self, share: int, chunks: Iterable[str]) -> Sequence[str]:
        """Say which chunks have to be sent."""
        path, found = f"shares/{share}/missing", list[str]()
        wanted = sorted(set(chunks))
        for start in range(0, len(wanted), _BATCH):
            body = {"chunks": wanted[start : start + _BATCH]}
            asked = await self._ask(answer.Missing, "POST", path, json=body)
            found += asked.chunks
        return found

    async def send(self, share: int, chunk: str, data: bytes) -> None:
        """Send a chunk."""
        await self._call("PUT", f"shares/{share}/chunks/{chunk}", content=data)

    async def publish(
        self, share: int, parent: int, changes: Mapping[str, Entry | None]
    ) -> int:
        """Publish a snapshot, and give its number.

        Raises
        ------
        StaleError
            When another one has been published since the parent.
        """
        entries = tree_json({key: it for key, it in changes.items() if it is not None})
        body = {"parent": parent, "changes": dict.fromkeys(changes) | entries}
        path = f"shares/{share}/snapshots"
        return (await self._ask(answer.Snapshot, "POST", path, json=body)).seq

    async def chunk(self, share: int, seq: int, chunk: str) -> bytes:
        """Read a chunk of a snapshot.

        Raises
        ------
        AwayError
            When its bytes are not those of its name.
        """
        path = f"shares/{share}/snapshots/{seq}/chunks/{chunk}"
        data = (await self._call("GET", path)).content
        if len(data) > CHUNK_BYTES or hashlib.sha256(data).hexdigest() != chunk:
            reason = "it has sent damaged bytes"
            raise AwayError(reason)
        return data

    async def copies(self) -> Sequence[answer.WorkingCopy]:
        """List the folders of this person that follow shares."""
        found = await self._ask(answer.WorkingCopies, "GET", "working-copies")
        return found.copies

    async def remember(self, share: int, place: str, base: int) -> None:
        """Remember a folder that follows a share, and what it last held."""
        body = {"share": share, "place": place, "base": base}
        await self._call("PUT", "working-copies", json=body)

    async def forget(self, share: int, place: str) -> None:
        """Forget a folder that followed a share."""
        asked = {"share": share, "place": place}
        await self._call("DELETE", "working-copies", params=asked)

    async def _ask(
        self, model: type[A], method: str, path: str, **details: object
    ) -> A:
        """Call, and read the answer."""
        found = await self._call(method, path, **details)
        try:
            read = model.model_validate_json(found.content)
        except ValidationError:
            reason = "something else answers in its place"
            raise self._missed(AwayError(reason)) from None
        self._met()
        return read

    async def _call(self, method: str, path: str, **details: object) -> httpx.Response:
        """Call when there are not too many calls at once, of all folders."""
        async with self._gate(method, path):
            return await self._repeated(method, path, **details)

    def _gate(self, method: str, path: str) -> AbstractAsyncContextManager[None]:
        """Give what calls of a kind wait for; the one for news waits for nothing."""
        if path == "events":
            return nullcontext()
        return self._gates[method if "/chunks/" in path else ""]

    async def _repeated(
        self, method: str, path: str, **details: object
    ) -> httpx.Response:
        """Call until there is an answer, some times."""
        headers = {}
        if self.database and path != "me":
            headers["Cygnet-Database"] = self.database
            headers["Cygnet-Generation"] = self.generation
        for attempt in range(ATTEMPTS):
            is_last = attempt == ATTEMPTS - 1
            if attempt:
                await asyncio.sleep(_FIRST_PAUSE * 2**attempt)
            try:
                found = await self._http.request(
                    method,
                    path,
                    headers=headers,
                    **details,  # type: ignore[arg-type]
                )
            except httpx.TransportError as error:
                away = AwayError(str(error) or type(error).__name__)
                continue
            if found.status_code in _AWAY:
                away = AwayError(f"it answers {found.status_code}")
                continue
            if found.status_code == HTTPStatus.TOO_MANY_REQUESTS and not is_last:
                await asyncio.sleep(_wanted_pause(found))
                continue
            return self._accepted(found)
        raise self._missed(away)

    def _accepted(self, found: httpx.Response) -> httpx.Response:
        """Give an answer that is no error."""
        if found.is_success:
            return found
        try:
            refusal = answer.Refusal.model_validate_json(found.content)
        except ValidationError:
            # The page of a proxy that does not find the service just now.
            reason = f"something else answers {found.status_code} in its place"
            raise self._missed(AwayError(reason)) from None
        self._met()
        raise _error(found.status_code, refusal)

    def _missed(self, error: AwayError) -> AwayError:
        """Note since when nothing answers."""
        if self.away_since is None:
            self.away_since = datetime.now(UTC)
            self.on_change()
        return error

    def _met(self) -> None:
        """Note that the service answers."""
        if self.away_since is not None:
            self.away_since = None
            self.on_change()


def _wanted_pause(found: httpx.Response) -> float:
    """Read for how long the service wants no more calls, within bounds."""
    wanted = found.headers.get("Retry-After", "")
    return min(float(wanted), _LONGEST_PAUSE) if wanted.isdecimal() else _FIRST_PAUSE


def _error(status: int, refusal: answer.Refusal) -> RefusedError:
    """Give a refusal as an error."""
    if status == HTTPStatus.CONFLICT:
        return StaleError(refusal.message, refusal.head)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return LackingError(refusal.message, refusal.chunks)
    kinds: Mapping[int, type[RefusedError]] = {
        HTTPStatus.NOT_FOUND: NoShareError,
        HTTPStatus.INSUFFICIENT_STORAGE: FullError,
        HTTPStatus.PRECONDITION_FAILED: LostRecordsError,
        HTTPStatus.TOO_MANY_REQUESTS: BusyError,
    }
    return kinds.get(status, RefusedError)(status, refusal.message, refusal.problems)
