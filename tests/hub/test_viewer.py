"""The processes that render: their limits, their end, and what is kept."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import psutil
import pytest
from cygnet_share.viewer.pool import AT_ONCE, Pool
from cygnet_share.viewer.process import Limits, Rendered
from cygnet_share.viewer.task import Act
from cygnet_share.viewer.viewer import (
    MAX_BYTES,
    MAX_WAITING,
    MAX_WAITING_EACH,
    Content,
    Job,
    Viewer,
    status,
)

WORKER = "cygnet_share.viewer.worker"
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
    """Give the processes that render for this one, which a service may have, too."""
    children = psutil.Process().children()
    return [it for it in children if WORKER in it.cmdline()]


def is_running(process: int) -> bool:
    """Check whether a process runs; a zombie does not."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def notebook(source: str) -> bytes:
    cell = {"cell_type": "markdown", "metadata": {}, "source": source}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return json.dumps(whole).encode()


def content(data: bytes) -> Content:
    async def read() -> bytes:
        return data

    return Content(len(data), (hashlib.sha256(data).hexdigest(),), read)


def job(data: bytes, reader: int = 1) -> Job:
    return Job(reader, "a/b.ipynb", content(data))


def words(found: Rendered) -> str:
    assert found.problem is not None
    return found.problem.words


SLOW = notebook("![" * 400_000)


async def test_notebook_is_shown_and_kept() -> None:
    async with running(SHORT) as viewer:
        pages = await asyncio.gather(
            *(viewer.render(job(notebook("# Hello"))) for _ in range(5))
        )
        before = {it.pid for it in processes()}
        again = await viewer.render(job(notebook("# Hello")))

        # Only the one that is ready for the next file; nothing was rendered again.
        assert {it.pid for it in processes()} == before
        assert len(before) == 1

    assert {it.body for it in pages} == {again.body}
    assert status(again) == HTTPStatus.OK
    assert b"Hello" in again.body


async def test_file_that_takes_too_long_is_ended() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(job(SLOW))
        again = await viewer.render(job(SLOW))
        other = await viewer.render(job(notebook("fine")))

    assert "This notebook takes too long to show." in words(page)
    assert status(page) == HTTPStatus.UNPROCESSABLE_ENTITY
    assert again == page
    assert status(other) == HTTPStatus.OK


async def test_process_that_does_nothing_is_ended() -> None:
    # It has not even started by then.
    async with running(Limits(wall_time=timedelta(milliseconds=1))) as viewer:
        page = await viewer.render(job(notebook("x")))

    assert "takes too long to show" in words(page)


async def test_file_that_takes_too_much_memory_is_ended() -> None:
    many = b'{"nbformat":4,"cells":[' + b",".join([b"[]"] * 1_000_000) + b"]}"
    limits = Limits(wall_time=SHORT.wall_time, memory_bytes=96 * 2**20)

    async with running(limits) as viewer:
        page = await viewer.render(job(many))

    assert "has too much in it to be shown" in words(page)


async def test_page_that_is_too_long_is_not_taken() -> None:
    limits = Limits(wall_time=SHORT.wall_time, body_bytes=2**16)

    async with running(limits) as viewer:
        page = await viewer.render(job(notebook("x" * 2**17)))

    assert "has too much in it to be shown" in words(page)


async def test_reader_who_leaves_takes_nothing_from_another() -> None:
    async with running(SHORT) as viewer:
        first = asyncio.create_task(viewer.render(job(notebook("x"))))
        second = asyncio.create_task(viewer.render(job(notebook("x"))))
        await asyncio.sleep(0)

        first.cancel()

        assert status(await second) == HTTPStatus.OK


async def test_viewer_that_closes_leaves_no_process() -> None:
    async with running(SHORT) as viewer:
        reader = asyncio.create_task(viewer.render(job(SLOW)))
        async with asyncio.timeout(60):
            while not processes():  # noqa: ASYNC110 - It is no event of ours.
                await asyncio.sleep(0.01)

    with pytest.raises(asyncio.CancelledError):
        await reader


async def test_crowd_is_sent_away_in_words() -> None:
    async with running(SHORT) as viewer:
        calls = [
            asyncio.create_task(viewer.render(job(notebook(f"{i}"), reader=i)))
            for i in range(MAX_WAITING + 1)
        ]
        (done,), _ = await asyncio.wait(
            calls, timeout=60, return_when=asyncio.FIRST_COMPLETED
        )

    assert status(done.result()) == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Load this page again in 30 seconds." in words(done.result())


async def test_reader_of_slow_files_takes_the_viewer_from_nobody() -> None:
    async with running(SHORT) as viewer:
        slow = [
            asyncio.create_task(viewer.render(job(notebook(f"{i}" + "![" * 400_000))))
            for i in range(MAX_WAITING_EACH)
        ]
        await asyncio.sleep(0)
        one_more = await viewer.render(job(notebook("one more")))
        found = await asyncio.gather(
            *(viewer.render(job(notebook(f"{i}"), reader=2 + i)) for i in range(5))
        )

        # The second of the slow ones has not even begun.
        assert sum(it.done() for it in slow) < AT_ONCE

    assert status(one_more) == HTTPStatus.TOO_MANY_REQUESTS
    assert f"{MAX_WAITING_EACH} files are being made ready" in words(one_more)
    assert {status(it) for it in found} == {HTTPStatus.OK}


async def test_file_is_read_when_it_is_its_turn() -> None:
    at_once, most = 0, 0

    async def read() -> bytes:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return notebook("x")

    async with running(SHORT) as viewer:
        jobs = (Job(i, "a.ipynb", Content(9, (f"{i}",), read)) for i in range(6))
        await asyncio.gather(*map(viewer.render, jobs))

    assert most <= AT_ONCE


async def test_two_versions_are_compared_within_the_same_limits() -> None:
    new = Job(1, "a.ipynb", content(notebook("new")), content(notebook("old")))
    hostile = "\n".join("ab"[i % 2] for i in range(400_000)).encode()
    async with running(SHORT) as viewer:
        shown, listed = [
            await viewer.render(replace(new, act=act))
            for act in (Act.COMPARE, Act.LIST)
        ]
        many = replace(
            new, path="a.txt", content=content(hostile), before=content(hostile[2:])
        )
        bounded = await viewer.render(replace(many, act=Act.COMPARE))
        large = await viewer.render(
            replace(new, before=Content(10**9, ("x",), nothing))
        )

    assert b"<ins>+ new" in shown.body
    assert json.loads(listed.body)["kind"] == "notebook"
    assert status(bounded) == HTTPStatus.OK
    assert status(large) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def nothing() -> bytes:
    raise AssertionError


async def test_process_knows_nothing_of_its_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "x")
    async with running(SHORT) as viewer:
        await viewer.render(job(notebook("x")))
        (ready,) = processes()

        assert ready.environ().keys() == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
        assert ready.cwd() == "/"


async def test_damaged_notebook_is_explained() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(job(b"{"))

    assert "This file is no notebook: it is not JSON" in words(page)


async def test_large_file_is_not_even_rendered() -> None:
    async with running(SHORT) as viewer:
        page = await viewer.render(job(bytes(MAX_BYTES + 1)))

        assert processes() == []

    assert status(page) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "has 20.0 MB; the viewer shows at most 20.0 MB." in words(page)


async def test_process_ends_with_its_service() -> None:
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, stdout=asyncio.subprocess.PIPE
    )

    output, _ = await service.communicate()

    async with asyncio.timeout(60):
        while is_running(int(output)):  # noqa: ASYNC110 - It is no event of ours.
            await asyncio.sleep(0.01)
