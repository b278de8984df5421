"""Knows which executions of cells go on.

A cell may run cells of its own, as `%run` of a notebook does; it ends once, after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_monitor.cells import CellRun


class Executions:
    """The executions that go on; any thread may ask."""

    def __init__(self) -> None:
        self._firsts: dict[CellRun, object] = {}

    def begin(self, run: CellRun, info: object = None) -> None:
        """Take note that code of a cell starts.

        Parameters
        ----------
        run
            The cell's execution.
        info
            What IPython says of this code, None when its start was not seen.
        """
        self._firsts.setdefault(run, info)

    def end(self, run: CellRun, info: object = None) -> bool:
        """Take note that code of a cell has ended.

        Parameters
        ----------
        run
            The cell's execution.
        info
            What IPython said at the start of this code, None when it does not say.

        Returns
        -------
        bool
            Whether the cell has ended with it.
        """
        first = self._firsts.get(run)
        if first is not None and info is not None and first is not info:
            return False
        self._firsts.pop(run, None)
        return True

    def goes_on(self, run: CellRun) -> bool:
        """Tell whether a cell's own code runs.

        Parameters
        ----------
        run
            The cell's execution.

        Returns
        -------
        bool
            False as well for a cell whose threads still work.
        """
        return run in self._firsts
