"""Renders one file in a process of its own, with limits, and ends.

Reads a task and writes what comes of it. Its arguments are the seconds of a processor
and the bytes of memory that the task gets. It starts before there is a task, so that
no reader waits for its imports; two tasks are never in one process.
"""

import json
import math
import resource
import sys
from typing import Final

from cygnet_share.errors import DocumentError
from cygnet_share.viewer import body, comparison
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.task import Act, Outcome, Task, received

_CELLS = [
    {"cell_type": "markdown", "source": "# a $a$"},
    {"cell_type": "code", "source": "a = 1", "outputs": []},
]
_WHOLE = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": _CELLS}
_FIRST: Final = Document("a.ipynb", json.dumps(_WHOLE).encode())


def main() -> None:
    """Render what stands in the standard input."""
    # Loads what is loaded at first use.
    for act in Act:
        _made(Task(_FIRST, act))
    seconds, memory = map(int, sys.argv[1:])
    _limit(seconds, memory)
    try:
        outcome, text = _rendered()
    except (MemoryError, RecursionError):
        sys.exit(Outcome.MEMORY)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    sys.exit(outcome)


def _rendered() -> tuple[Outcome, str]:
    """Read a task and do it."""
    try:
        return Outcome.SHOWN, _made(received(sys.stdin.buffer.read()))
    except DocumentError as error:
        return Outcome.REFUSED, str(error)


def _made(task: Task) -> str:
    """Do a task."""
    match task.act:
        case Act.SHOW:
            return body.render(task.document)
        case Act.COMPARE:
            return comparison.render(task.before, task.document)
        case Act.LIST:
            return comparison.as_json(task.before, task.document)


def _limit(seconds: int, memory: int) -> None:
    """Give up whatever rendering does not need."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = math.ceil(used.ru_utime + used.ru_stime) + seconds
    # The first bound ends the process with a signal of its own, which says why.
    _bound(resource.RLIMIT_CPU, end, end + 1)
    _bound(resource.RLIMIT_CORE, 0, 0)
    _bound(resource.RLIMIT_FSIZE, 0, 0)
    _bound(resource.RLIMIT_NPROC, 0, 0)
    if sys.platform != "darwin":
        # macOS refuses each limit of the address space.
        _bound(resource.RLIMIT_AS, memory, memory)


def _bound(name: int, soft: int, hard: int) -> None:
    """Set a limit, where there is no lower one already."""
    _, allowed = resource.getrlimit(name)
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    resource.setrlimit(name, (soft, hard))


if __name__ == "__main__":
    main()
