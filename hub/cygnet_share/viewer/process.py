"""A process that renders one file: how it starts, what it is sent, how it is ended."""

import asyncio
import logging
import math
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cygnet_share.viewer import problem
from cygnet_share.viewer.problem import Problem
from cygnet_share.viewer.task import Outcome, Task

_WORKER: Final = "cygnet_share.viewer.worker"
_CODE = Path(__file__).parents[2]
_BLOCK = 2**16
"""How much is written and read at once: pipes keep copies of what waits."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use for one file."""

    cpu_time: timedelta = timedelta(seconds=10)
    """Of a processor, in whole seconds."""
    wall_time: timedelta = timedelta(seconds=30)
    """After which it is killed, whatever it does."""
    memory_bytes: int = 512 * 2**20
    """The size of its address space; macOS has no such limit."""
    body_bytes: int = 40 * 2**20
    """How long the body may be."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a file."""

    body: bytes = b""
    """Of the page, in UTF-8."""
    problem: Problem | None = None
    """Why there is no body."""


class _TooLongError(Exception):
    """A process writes more than a page may have."""


async def start(limits: Limits) -> Process:
    """Start a process that has nothing of ours but its pipes.

    Raises
    ------
    OSError
        When there can be no more processes.
    """
    seconds = math.ceil(limits.cpu_time.total_seconds())
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # Neither the folder that we are in nor a person's packages are looked at.
        *("-P", "-s", "-m", _WORKER, str(seconds), str(limits.memory_bytes)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(_CODE), "PYTHONDONTWRITEBYTECODE": "1"},
    )


async def render(process: Process, task: Task, limits: Limits) -> Rendered:
    """Do a task in a process that has just started; it is gone afterwards."""
    try:
        async with asyncio.timeout(limits.wall_time.total_seconds()):
            written = await _exchange(process, task, limits.body_bytes)
            await process.wait()
    except TimeoutError:
        return Rendered(problem=problem.too_slow(task.path, is_lasting=False))
    except _TooLongError:
        return Rendered(problem=problem.too_much(task.path))
    finally:
        await kill(process)
    return _outcome(process.returncode, written, task.path)


async def kill(process: Process) -> None:
    """End a process and wait until it is gone."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _exchange(process: Process, task: Task, most: int) -> bytes:
    """Send a task and read what comes of it, of at most so many bytes."""
    reader, writer = process.stdout, process.stdin
    assert reader is not None  # noqa: S101 - Both are pipes.
    assert writer is not None  # noqa: S101 - As above.
    # A process that ends early closes its pipe; its exit status says why.
    with suppress(ConnectionError):
        for part in task.parts():
            for start in range(0, len(part), _BLOCK):
                writer.write(part[start : start + _BLOCK])
                await writer.drain()
    writer.close()
    written = bytearray()
    while block := await reader.read(_BLOCK):
        written += block
        if len(written) > most:
            raise _TooLongError
    return bytes(written)


def _outcome(status: int | None, written: bytes, path: str) -> Rendered:
    """Give what a process came to, by its exit status."""
    match status:
        case Outcome.SHOWN:
            return Rendered(written)
        case Outcome.REFUSED:
            return Rendered(problem=Problem(written.decode()))
        case _ if status in {Outcome.MEMORY, -signal.SIGABRT}:
            # What is not written in Python aborts where memory is refused.
            return Rendered(problem=problem.too_much(path))
        case _ if status == -signal.SIGXCPU:
            return Rendered(problem=problem.too_slow(path, is_lasting=True))
        case _:
            _log.warning("renderer failed status=%s", status)
            return Rendered(problem=problem.failed(path))
