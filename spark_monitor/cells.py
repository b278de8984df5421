"""Tracks which cell the running code belongs to, in every thread.

The current cell lives in a context variable. Python hands that on to asyncio tasks but
not to threads, so small wrappers carry it into threads and pools. A thread that no cell
started belongs to none: unknown is better than wrong.
"""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing.pool import ThreadPool
from threading import Thread
from typing import TYPE_CHECKING, Any

from spark_monitor.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class CellRun:
    """One execution of one cell."""

    cell_id: str | None
    """The notebook's id of the cell; not every front end tells it."""
    execution_id: str
    """The message id of the `execute_request`."""
    interrupts: int = field(default=0, compare=False)
    """How often it had been interrupted when it came to the work at hand."""


_current: ContextVar[CellRun | None] = ContextVar("cygnet_cell_run", default=None)


def current() -> CellRun | None:
    """Return the cell that the calling code belongs to, None when it is not known."""
    return _current.get()


def enter(run: CellRun | None) -> None:
    """Set the cell, if any, of the calling thread or task and of what it starts."""
    _current.set(run)


def parse_run(request: dict[str, Any]) -> CellRun | None:
    """Return the execution of a whole Jupyter message to the kernel.

    None for anything but an `execute_request`, e.g. a widget's callback. An id that is
    too long to be one is ignored.
    """
    header = request.get("header", {})
    execution_id = header.get("msg_id")
    if header.get("msg_type") != "execute_request" or not _is_id(execution_id):
        return None
    cell_id = request.get("metadata", {}).get("cellId")
    return CellRun(cell_id if _is_id(cell_id) else None, execution_id)


class Carriers:
    """The wrappers that carry the current cell into threads, until `remove`.

    Notes
    -----
    A worker of a pool outlives the cell that made it, so each piece of work brings
    its own cell along.
    """

    def __init__(self) -> None:
        self._patches = [
            Patch(Thread, "start", _carrying_start),
            Patch(ThreadPoolExecutor, "submit", _carrying_work),
            *(
                Patch(ThreadPool, name, _carrying_work)
                for name in ("apply_async", "_map_async", "imap", "imap_unordered")
            ),
        ]

    def remove(self) -> None:
        """Take all wrappers off again."""
        for patch in reversed(self._patches):
            patch.undo()


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def _carrying_start(start: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(start)
    def wrapper(thread: Thread) -> None:
        run = current()
        if run is None:
            start(thread)
            return
        restore = _shadow_run(thread, run)
        try:
            start(thread)
        except BaseException:
            restore()
            raise

    return wrapper


def _shadow_run(thread: Thread, run: CellRun) -> Callable[[], None]:
    # Shadowing the method on the instance works for subclasses that override it, and
    # the thread itself takes the shadow away before its own code can see it.
    attributes = vars(thread)
    own = attributes.get("run")
    inner = thread.run

    def restore() -> None:
        if own is None:
            attributes.pop("run", None)
        else:
            attributes["run"] = own

    def run_in_cell() -> None:
        restore()
        enter(run)
        inner()

    attributes["run"] = run_in_cell
    return restore


def _carrying_work(submit: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(submit)
    def wrapper(pool: object, /, *args: object, **kwargs: object) -> object:
        carry = functools.partial(functools.partial, _call_in_cell, current())
        if args:
            return submit(pool, carry(args[0]), *args[1:], **kwargs)
        if "func" in kwargs:
            kwargs["func"] = carry(kwargs["func"])
        return submit(pool, **kwargs)

    return wrapper


def _call_in_cell(
    run: CellRun | None, work: Callable[..., Any], /, *args: object, **kwargs: object
) -> object:
    enter(run)
    return work(*args, **kwargs)
