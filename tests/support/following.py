"""The folders of people that follow shares, without a notebook server around."""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cygnet_lab.share.client import Client
from cygnet_lab.share.sharing import Sharing as Folders
from cygnet_lab.share.state import Phase, State

from tests.support.sharing import Sharing
from tests.support.waiting import SLOW_S

SECONDS = 20
"""What a busy machine may take for what is a matter of one or two."""


@dataclass(frozen=True)
class Home:
    """A user's folders, and what follows shares in them."""

    root: Path
    folders: Folders
    reported: dict[tuple[int, str], State]

    @property
    def state(self) -> State:
        """How the only folder stands, or stood at last."""
        [state] = self.reported.values()
        return state

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files as a program does, without a word to the server."""
        for path, data in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)

    def save(self, path: str, data: bytes) -> None:
        """Save a file as JupyterLab does."""
        self.write({path: data})
        self.folders.notice(path)

    def files(self, place: str) -> dict[str, bytes]:
        """Read what a folder holds, but for what is hidden."""
        top = self.root / place
        return {
            it.relative_to(top).as_posix(): it.read_bytes()
            for it in sorted(top.rglob("*"))
            if it.is_file() and ".cygnet-share" not in it.parts
        }

    async def share(self, place: str, files: Mapping[str, bytes]) -> int:
        """Share a new folder, and wait until it is published."""
        self.write({f"{place}/{path}": data for path, data in files.items()})
        # What was written long ago is at rest, and all of it is in the first snapshot.
        for path in files:
            os.utime(self.root / place / path, (0, 0))
        share = await self.folders.share(place, "Week 1")
        await becomes(lambda: self.reported and self.is_quiet and self.state.seq > 0)
        return share

    @property
    def is_quiet(self) -> bool:
        """Whether all folders are as their shares are."""
        return all(it.phase is Phase.FOLLOWS for it in self.folders.states)


@asynccontextmanager
async def home(service: Sharing, name: str, root: Path) -> AsyncGenerator[Home]:
    """Follow a user's shares."""
    service.people.groups.setdefault(name, [])
    root.mkdir(exist_ok=True)  # noqa: ASYNC240 - Nothing else runs yet.
    reported: dict[tuple[int, str], State] = {}

    def report(state: State) -> None:
        reported[state.share, state.place] = state

    folders = Folders(Client(service.url, f"token-of-{name}"), root, report)
    folders.start()
    try:
        yield Home(root, folders, reported)
    finally:
        await folders.stop()


async def grant(
    owner: httpx.AsyncClient, share: int, name: str, right: str | None
) -> None:
    """Grant a right, or revoke it."""
    asked = {"audience": "user", "principal": name}
    if right is None:
        found = await owner.delete(f"shares/{share}/grants", params=asked)
    else:
        body = asked | {"right": right}
        found = await owner.put(f"shares/{share}/grants", json=body)
    assert found.is_success


async def becomes(condition: Callable[[], object], seconds: float = SLOW_S) -> float:
    """Wait until a condition holds, and give the seconds that it took."""
    start = time.monotonic()
    while not condition():
        waited = time.monotonic() - start
        assert waited < seconds, f"not within {seconds:.0f} s"
        await asyncio.sleep(0.01)
    return time.monotonic() - start


def notebook(**cells: str) -> bytes:
    """Give the file of a notebook with cells of code, by id."""
    code: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
    }
    made = [
        {**code, "id": key, "source": text, "outputs": []}
        for key, text in cells.items()
    ]
    head = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(head | {"cells": made}).encode()


def cells_of(data: bytes) -> list[dict[str, Any]]:
    """Read the cells of a notebook's file."""
    return [*json.loads(data)["cells"]]


def sources(data: bytes) -> list[str]:
    """Read what stands in the cells of a notebook's file."""
    return ["".join(it["source"]) for it in cells_of(data)]
