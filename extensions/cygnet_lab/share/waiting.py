"""Waits that leave nothing running behind when they are cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - An item.

AT_ONCE = 8
"""How many transfers go on at once."""


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what waits for the disk.

    A cancelled caller waits for the end of it all the same: the thread uses
    descriptors of open folders, which may be closed and given out again afterwards.
    """
    loop = asyncio.get_running_loop()
    call = loop.run_in_executor(None, partial(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait([call])
        raise


async def each(function: Callable[[I], Awaitable[None]], items: Iterable[I]) -> None:
    """Call a function for each item, some at once; the first error ends all."""
    left = iter(items)

    async def work() -> None:
        for item in left:
            await function(item)

    tasks = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
