"""The processes that render: their limits, their end, and what is kept."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

import psutil
import pytest
from cygnet_share.viewer.page import Frame
from cygnet_share.viewer.pool import Pool
from cygnet_share.viewer.process import Limits
from cygnet_share.viewer.viewer import MAX_BYTES, Page, Viewer, refusal

from tests.support import shown

SHORT = Limits(cpu_time=timedelta(seconds=1), wall_time=timedelta(seconds=60))
# Starts a process that renders, and is killed.
SERVICE = """
import asyncio, os, signal
from cygnet_share.viewer.process import Limits, start

async def main():
    print((await start(Limits())).pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
FRAME = Frame("Share", "Alice", "a/b.ipynb", "Version 1")


@asynccontextmanager
async def running(limits: Limits) -> AsyncGenerator[Viewer]:
    """Give a viewer, which must leave nothing behind."""
    viewer = Viewer(Pool(limits))
    try:
        yield viewer
    finally:
        await viewer.close()
    assert processes() == []


def processes() -> list[psutil.Process]:
    """Give the processes that render for this one."""
    return psutil.Process().children(recursive=True)


def is_running(process: int) -> bool:
    """Check whether a process runs; a zombie does not."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def notebook(source: str) -> bytes:
    cell = {"cell_type": "markdown", "source": source}
    return json.dumps({"nbformat": 4, "cells": [cell]}).encode()


def words(page: Page) -> str:
    return " ".join(shown.text(page.html).split())


SLOW = notebook("![" * 400_000)


async def test_notebook_is_shown_and_kept() -> None:
    async with running(SHORT) as viewer:
        pages = await asyncio.gather(
            *(viewer.render(FRAME, notebook("# Hello")) for _ in range(5))
        )
        before = {it.pid for it in processes()}
        again = await viewer.render(FRAME, notebook("# Hello"))

        # Only the one that is ready for the next file; nothing was rendered again.
        assert {it.pid for it in processes()} == before
        assert len(before) == 1

    assert {it.html for it in pages} == {again.html}
    assert again.status == HTTPStatus.OK
    assert "Hello" in words(again)


async def test_file_that_takes_too_long_is_ended() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(FRAME, SLOW)
        again = await viewer.render(FRAME, SLOW)
        other = await viewer.render(FRAME, notebook("fine"))

    assert "This notebook takes too long to show." in words(page)
    assert page.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert again == page
    assert other.status == HTTPStatus.OK


async def test_process_that_does_nothing_is_ended() -> None:
    # It has not even started by then.
    async with running(Limits(wall_time=timedelta(milliseconds=1))) as viewer:
        page = await viewer.render(FRAME, notebook("x"))

    assert "takes too long to show" in words(page)


async def test_file_that_takes_too_much_memory_is_ended() -> None:
    many = b'{"nbformat":4,"cells":[' + b",".join([b"[]"] * 1_000_000) + b"]}"
    limits = Limits(wall_time=SHORT.wall_time, memory_bytes=96 * 2**20)

    async with running(limits) as viewer:
        page = await viewer.render(FRAME, many)

    assert "has too much in it to be shown" in words(page)


async def test_page_that_is_too_long_is_not_taken() -> None:
    limits = Limits(wall_time=SHORT.wall_time, body_bytes=2**16)

    async with running(limits) as viewer:
        page = await viewer.render(FRAME, notebook("x" * 2**17))

    assert "has too much in it to be shown" in words(page)


async def test_reader_who_leaves_takes_nothing_from_another() -> None:
    async with running(SHORT) as viewer:
        first = asyncio.create_task(viewer.render(FRAME, notebook("x")))
        second = asyncio.create_task(viewer.render(FRAME, notebook("x")))
        await asyncio.sleep(0)

        first.cancel()

        assert (await second).status == HTTPStatus.OK


async def test_viewer_that_closes_leaves_no_process() -> None:
    async with running(SHORT) as viewer:
        reader = asyncio.create_task(viewer.render(FRAME, SLOW))
        async with asyncio.timeout(60):
            while not processes():  # noqa: ASYNC110 - It is no event of ours.
                await asyncio.sleep(0.01)

    with pytest.raises(asyncio.CancelledError):
        await reader


async def test_crowd_is_sent_away_in_words() -> None:
    async with running(SHORT) as viewer:
        calls = [
            asyncio.create_task(viewer.render(FRAME, notebook(f"{i}")))
            for i in range(21)
        ]
        (done,), _ = await asyncio.wait(
            calls, timeout=60, return_when=asyncio.FIRST_COMPLETED
        )

    assert done.result().status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Load this page again in 30 seconds." in words(done.result())


async def test_process_knows_nothing_of_its_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "x")
    async with running(SHORT) as viewer:
        await viewer.render(FRAME, notebook("x"))
        (ready,) = processes()

        assert ready.environ().keys() == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
        assert ready.cwd() == "/"


async def test_damaged_notebook_is_explained() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(FRAME, b"{")

    assert "This file is no notebook: it is not JSON" in words(page)


async def test_large_file_is_not_even_rendered() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(FRAME, bytes(MAX_BYTES + 1))

        assert processes() == []

    assert page == refusal(FRAME, MAX_BYTES + 1)
    assert page.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "has 20.0 MB; the viewer shows at most 20.0 MB." in words(page)


async def test_process_ends_with_its_service() -> None:
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, stdout=asyncio.subprocess.PIPE
    )

    output, _ = await service.communicate()

    async with asyncio.timeout(60):
        while is_running(int(output)):  # noqa: ASYNC110 - It is no event of ours.
            await asyncio.sleep(0.01)
