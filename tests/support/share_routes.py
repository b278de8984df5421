"""Each call of the sharing service, and what it answers to whom.

A new call has a row here, or a test fails.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx

DATA = b"hi"
CHUNK = hashlib.sha256(DATA).hexdigest()

NO, LESS = HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN
OK, MADE, DONE = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT

ROLES = ("stranger", "viewer", "editor", "owner")


@dataclass(frozen=True, slots=True)
class Route:
    """A call about share 1, which has one snapshot of the file `a`."""

    method: str
    path: str
    expected: tuple[HTTPStatus, HTTPStatus, HTTPStatus, HTTPStatus]
    """What it answers to each of `ROLES`."""

    body: object = None

    async def call(self, client: httpx.AsyncClient) -> httpx.Response:
        """Send it."""
        return await client.request(self.method, self.path, content=self.content)

    @property
    def content(self) -> bytes:
        """The bytes of its body."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return json.dumps(self.body).encode()


EVERYONE = (OK, OK, OK, OK)
OWN: Sequence[Route] = [
    Route("GET", "me", EVERYONE),
    Route("GET", "people?prefix=an", EVERYONE),
    Route("GET", "shares", EVERYONE),
    Route("POST", "shares", (MADE, MADE, MADE, MADE), {"title": "x"}),
    Route("GET", "events", EVERYONE),
    Route("GET", "working-copies", EVERYONE),
    Route("DELETE", "working-copies?share=1&place=x", (DONE, DONE, DONE, DONE)),
]
"""What is about the caller alone, and needs no right."""

VERSION = "shares/1/snapshots/1"
READING: Sequence[Route] = [
    Route("GET", "shares/1", (NO, OK, OK, OK)),
    Route("GET", "shares/1/snapshots", (NO, OK, OK, OK)),
    Route("GET", VERSION, (NO, OK, OK, OK)),
    Route("GET", f"{VERSION}/chunks/{CHUNK}", (NO, OK, OK, OK)),
    Route("GET", "shares/1/compare?from=1&to=1", (NO, OK, OK, OK)),
    Route("PUT", "shares/1/presence", (NO, DONE, DONE, DONE), {"paths": ["a"]}),
    Route(
        "PUT",
        "working-copies",
        (NO, DONE, DONE, DONE),
        {"share": 1, "place": "Shared/ann/Week 1", "base": 1},
    ),
]
WRITING: Sequence[Route] = [
    Route("POST", "shares/1/missing", (NO, LESS, OK, OK), {"chunks": []}),
    Route("PUT", f"shares/1/chunks/{CHUNK}", (NO, LESS, DONE, DONE), DATA),
    Route(
        "POST", "shares/1/snapshots", (NO, LESS, OK, OK), {"parent": 1, "changes": {}}
    ),
    Route("POST", "shares/1/restore", (NO, LESS, OK, OK), {"snapshot": 1}),
    Route("PUT", VERSION, (NO, LESS, DONE, DONE), {"name": "Handed in"}),
]
OWNING: Sequence[Route] = [
    Route("PUT", "shares/1", (NO, LESS, LESS, DONE), {"title": "x", "expires": None}),
    Route(
        "PUT",
        "shares/1/grants",
        (NO, LESS, LESS, DONE),
        {"audience": "everyone", "right": "edit"},
    ),
    Route("DELETE", "shares/1/grants?audience=everyone", (NO, LESS, LESS, DONE)),
    # The last one, as then there is nothing more to ask for.
    Route("DELETE", "shares/1", (NO, LESS, LESS, DONE)),
]
NONE = (LESS, LESS, LESS, LESS)
ADMINISTRATION: Sequence[Route] = [
    Route("GET", "admin/shares?owner=ann", NONE),
    Route("PUT", "admin/shares/1/owner", NONE, {"name": "bob"}),
    Route("GET", "admin/people/ann/export", NONE),
    Route("GET", "admin/audit", NONE),
    Route("DELETE", "admin/people/ann", NONE),
]
"""What an administrator alone may do, whatever is theirs."""

ROUTES: Sequence[Route] = [*OWN, *READING, *WRITING, *ADMINISTRATION, *OWNING]

PAGES = ("", "view/1/1/a", "versions/1", "compare/1/1/1/a")
"""What a browser is shown, by a login of its own."""
