"""Names the test that leaves a process, a file, a setting, a user or a server.

The tests of a lane share hubs, servers and kernels, so what one leaves, the next one
finds. The conftest of a lane imports the two hooks; who runs something that tests share
adds a look with `watching`. What is compared are counts of descriptions without
numbers: a server that a test kills and starts again counts as the same one.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.source import ROOT

Look = Callable[[], Iterable[str]]
"""Describes what is there now, a line each."""
Scene = dict[Look, Counter[str]]
PATIENCE_S = 15.0
"""How long what is ending may take to end."""
_PAUSE_S = 0.1
_MARK = "CYGNET_TEST_RUN"
# Whatever a test starts inherits it; each worker has its own.
os.environ[_MARK] = str(os.getpid())
_OF_PROGRAMS = (
    *(".jupyter", ".ipython", ".local/share/jupyter", ".local/share/cygnet"),
    *(".config/cygnet", ".config/matplotlib", ".ivy2.5.2"),
)
_IGNORED = {
    *(".git", ".venv", ".ruff_cache", ".mypy_cache", ".pytest_cache", ".hypothesis"),
    *("node_modules", "__pycache__", "artifacts", "dist", ".import_linter_cache"),
}
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SCENE = pytest.StashKey[Scene]()


def processes() -> Iterator[str]:
    """Describe what this process has started, directly or not, and still runs."""
    own = {it.pid for it in psutil.Process().children(recursive=True)}
    for process in psutil.process_iter():
        try:
            if process.pid in own or process.environ().get(_MARK) == os.environ[_MARK]:
                yield from _description(process)
        except psutil.Error:
            # Of another account, or gone.
            continue


def files() -> Iterator[str]:
    """Describe what the programs of the tests may have put into a person's folders.

    In continuous integration, where nobody works in it, the checkout counts too.
    """
    for folder in (Path.home() / it for it in _OF_PROGRAMS):
        if folder.is_dir():
            yield f"file {folder}"
            yield from (f"file {it}" for it in folder.iterdir())
    if os.environ.get("CI") == "true":
        for place, subfolders, names in os.walk(ROOT):
            subfolders[:] = [it for it in subfolders if it not in _IGNORED]
            yield from (f"file {place}/{it}" for it in names)


def settings() -> Iterator[str]:
    """Describe what all tests of this process share."""
    shown = ((k, v) for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST")
    yield from (f"variable {name}={value}" for name, value in shown)
    yield f"working directory {Path.cwd()}"
    mask = os.umask(0o077)
    os.umask(mask)
    yield f"umask {mask:o}"
    yield from (f"handler {it.name} {signal.getsignal(it)}" for it in _SIGNALS)


_looks: list[Look] = [processes, files, settings]


@contextmanager
def watching(look: Look) -> Generator[None]:
    """Compare what a look describes too, before and after each test in the block."""
    _looks.append(look)
    try:
        yield
    finally:
        _looks.remove(look)


def take() -> Scene:
    """Look at everything."""
    return {look: Counter(look()) for look in _looks}


def left(before: Scene) -> list[str]:
    """Return what came since and does not go by itself, sorted."""
    deadline, found = time.monotonic() + PATIENCE_S, _more(before, take())
    while found and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
        found = _more(before, take())
    return found


def _more(before: Scene, after: Scene) -> list[str]:
    """Return what there is more of, in looks that stayed the same."""
    shared = before.keys() & after.keys()
    return sorted(it for look in shared for it in after[look] - before[look])


def _description(process: psutil.Process) -> Iterator[str]:
    if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
        words = " ".join(process.cmdline())
        yield f"process {re.sub(r'[0-9a-f-]{36}|[0-9]+', '#', words)[:300]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Look once all that the test uses is there."""
    item.stash[_SCENE] = take()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Look once more, and fail the test that left something."""
    result = yield
    before = item.stash.get(_SCENE, None)
    if before is not None and (found := left(before)):
        pytest.fail(f"{item.nodeid} leaves:\n" + "\n".join(found), pytrace=False)
    return result
