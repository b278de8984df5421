"""Tracks which executions of cells are running.

A cell may run cells of its own, as `%run` of a notebook does; it ends once, after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_monitor.cells import CellRun


class Executions:
    """The running executions; any thread may ask."""

    def __init__(self) -> None:
        self._firsts: dict[CellRun, object] = {}

    def begin(self, run: CellRun, info: object = None) -> None:
        """Note that code of a cell starts; `info` is IPython's, None if not seen."""
        self._firsts.setdefault(run, info)

    def end(self, run: CellRun, info: object = None) -> bool:
        """Note that code of a cell has ended; return whether the cell has ended.

        `info` is IPython's from the start of this code, None where it has none.
        """
        first = self._firsts.get(run)
        if first is not None and info is not None and first is not info:
            return False
        self._firsts.pop(run, None)
        return True

    def goes_on(self, run: CellRun) -> bool:
        """Return whether a cell's own code runs; its threads do not count."""
        return run in self._firsts
