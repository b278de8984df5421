"""Which lines of a traceback are the user's own: those of cells and of their modules.

Libraries, Spark and this package are left out. A line is written with its place, as a
cell's number or a file's name.
"""

from __future__ import annotations

import linecache
import re
import site
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from types import TracebackType

MOST = 8
_LIBRARIES = {"pyspark", "py4j", "spark_monitor", "spark_connector"}
_FOLDERS = ("site-packages", "dist-packages", "pyspark", "pyspark.zip", "pyspark.jar")
_WORKER_LINE = re.compile(r'^ *File "([^"]+)", line (\d+)(?:, in (.+))?$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was running."""

    file: str
    number: int
    function: str


def own_lines(error: BaseException, but: Collection[Line] = ()) -> list[Line]:
    """Return the user's own lines in the traceback of an error, but for some.

    At most 8, the first ones and the last ones, innermost last. Where the error's own
    traceback has none, the one of the error counts in whose handling it was raised.
    """
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        found = [it for it in _lines_of(at.__traceback__) if it not in but]
        if found:
            return _few(found)
        seen.add(id(at))
        at = at.__context__
    return []


def worker_lines(text: str) -> list[Line]:
    """Return the user's lines in a worker's traceback: at most 8, innermost last."""
    lines = (
        Line(file, int(number), function or "")
        for file, number, function in _WORKER_LINE.findall(text)
    )
    return _few(it for it in lines if _is_own(it.file))


def written(line: Line, cell_name: Callable[[str], str | None]) -> str:
    """Return a line with its place: ``Cell In[3], line 2: rows = frame.collect()``.

    `cell_name` gives the name of the cell that a file holds, None for other files.
    """
    place = cell_name(line.file) or Path(line.file).name
    is_named = line.function.isidentifier()
    inside = f", in {line.function}" if is_named else ""
    code = linecache.getline(line.file, line.number).strip()
    return f"{place}, line {line.number}{inside}" + (f": {code}" if code else "")


def _lines_of(trace: TracebackType | None) -> Iterator[Line]:
    while trace is not None:
        code = trace.tb_frame.f_code
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _LIBRARIES and _is_own(code.co_filename):
            yield Line(code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next


def _few(lines: Iterable[Line]) -> list[Line]:
    found = list(lines)
    return found if len(found) <= MOST else found[: MOST // 2] + found[-MOST // 2 :]


def _is_own(file: str) -> bool:
    if file.startswith("<"):
        return False
    path = Path(file)
    if any(folder in path.parts for folder in _FOLDERS):
        return False
    return not any(path.is_relative_to(folder) for folder in _library_folders())


def _library_folders() -> set[str]:
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return {*(paths[name] for name in names), site.getusersitepackages()}
