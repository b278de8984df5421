"""Remembers what was put into which cell's output, and what a page asks for again.

Decides whether a cell's output is new, has changed, or is as it was, and which of
them a page that was reloaded is told. Publishing is the business of `kernel`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_monitor import summary

if TYPE_CHECKING:
    from spark_monitor.cells import CellRun
    from spark_monitor.frame import Cell, SavedCell

_MOST_SUMMARIES = 20
_MOST_OUTPUTS = 64


@dataclass(frozen=True, slots=True)
class Summary:
    """A cell's output as docs/wire.md tells it to pages."""

    cell_id: str | None
    """None when the front end does not tell it."""
    execution_id: str
    """The execution that the output belongs to."""
    application_id: str
    """One output for each application that a cell used."""
    display_id: str
    """The same for every version of this output."""
    bundle: dict[str, Any]
    """A MIME bundle."""

    def to_json(self) -> dict[str, object]:
        """Turn it into JSON values, with the version of the wire.

        Returns
        -------
        dict
            The `summary` field of the message.
        """
        return {
            "version": 1,
            "cell_id": self.cell_id,
            "execution_id": self.execution_id,
            "application_id": self.application_id,
            "display_id": self.display_id,
            "bundle": self.bundle,
        }


@dataclass(frozen=True, slots=True)
class Publication:
    """An output that has to be published."""

    summary: Summary
    """What to publish."""
    is_update: bool
    """Whether an earlier version was published."""


class Outputs:
    """The outputs of this kernel's cells; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[str, str], object] = OrderedDict()
        self._summaries: OrderedDict[tuple[str, str], Summary] = OrderedDict()

    def record(self, run: CellRun, saved: SavedCell) -> Publication | None:
        """Take note of what a cell did.

        Parameters
        ----------
        run
            The cell's execution.
        saved
            What it did in one application.

        Returns
        -------
        Publication or None
            None when the output that was published says the same.
        """
        key = (saved.application.id, run.execution_id)
        state = _state(saved.cell)
        with self._lock:
            if self._states.get(key) == state:
                return None
            is_update = key in self._states
            made = Summary(
                cell_id=run.cell_id,
                execution_id=run.execution_id,
                application_id=saved.application.id,
                display_id=f"cygnet-spark-{saved.application.id}-{run.execution_id}",
                bundle=summary.bundle(saved),
            )
            _put(self._states, key, state, _MOST_OUTPUTS)
            _put(self._summaries, key, made, _MOST_SUMMARIES)
        return Publication(made, is_update)

    def is_news(self, application_id: str, cell: Cell) -> bool:
        """Tell whether a frame says something else of a cell than its output does.

        Parameters
        ----------
        application_id
            Whose frame it is.
        cell
            The frame's entry.

        Returns
        -------
        bool
            True as well when the cell has no output yet.
        """
        key = (application_id, str(cell.execution_id))
        with self._lock:
            return self._states.get(key) != _state(cell)

    def summaries(self) -> list[Summary]:
        """List what a page that was reloaded should know.

        Returns
        -------
        list of Summary
            At most 20, oldest first.
        """
        with self._lock:
            return list(self._summaries.values())

    def forget(self, cell_id: str) -> None:
        """Do not tell of a cell's outputs again: a person has cleared them.

        Parameters
        ----------
        cell_id
            The notebook's id of the cell. A later execution counts anew.
        """
        with self._lock:
            for key, made in list(self._summaries.items()):
                if made.cell_id == cell_id:
                    del self._summaries[key]


def _state(cell: Cell) -> object:
    return (cell.state, cell.jobs, cell.ended_ms)


def _put(
    table: OrderedDict[tuple[str, str], Any],
    key: tuple[str, str],
    value: object,
    limit: int,
) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > limit:
        table.popitem(last=False)
