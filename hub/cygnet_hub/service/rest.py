"""Asks hub, proxy or a notebook server by REST, with a token and within seconds."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

PATIENCE = timedelta(seconds=5)
"""How long one answer may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    """HTTP's; 0 when there was no answer."""
    content: Any = None
    """The decoded JSON, a mapping for an empty body; ``None`` for what is not JSON."""

    @property
    def is_good(self) -> bool:
        """Whether the question was answered."""
        return self.status == HTTPStatus.OK

    @property
    def problem(self) -> str:
        """What kept it from being answered, in words."""
        if not self.status:
            return "it does not answer"
        said = self.content.get("message") if isinstance(self.content, Mapping) else ""
        return f"it answers {self.status} {said or ''}".strip()


def ask(url: str, token: str = "") -> Answer:
    """Get one address, with a token that JupyterHub or its proxy takes.

    Plain HTTP, as all of them are on this machine or in this cluster: so it takes no
    proxy, whatever the environment says of the way out, and no redirection.
    """
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {"Authorization": f"token {token}"} if token else {}
    seconds = PATIENCE.total_seconds()
    try:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        with closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, _json(answer.read()))
    except (OSError, HTTPException, ValueError):
        # A ValueError is of a token or a port that HTTP cannot carry.
        return Answer(0)


def _json(body: bytes) -> object:
    """Decode what may not be JSON."""
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return None
