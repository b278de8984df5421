"""Remembers each cell's output, for updates and for pages that were reloaded.

Decides whether a cell's output is new, has changed, is as it was, or belongs to an
execution whose output is gone from the notebook. `kernel` publishes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from spark_monitor import saved_output

if TYPE_CHECKING:
    from spark_monitor.cells import CellRun
    from spark_monitor.frame import Cell, SavedCell

_Key = TypeVar("_Key")

_MOST_SUMMARIES = 20
_MOST_OUTPUTS = 64
_MOST_RUNS = 1024


@dataclass(frozen=True, slots=True)
class Summary:
    """A cell's output as docs/reference/wire.md announces it to pages."""

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
        """Return the `summary` field of the message, with the version of the wire."""
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


class CellOutputs:
    """The outputs of this kernel's cells; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[str, str], object] = OrderedDict()
        self._summaries: OrderedDict[tuple[str, str], Summary] = OrderedDict()
        self._newest_runs: OrderedDict[str, str] = OrderedDict()
        self._cleared_runs: OrderedDict[str, str] = OrderedDict()

    def begin(self, run: CellRun) -> None:
        """Note that a cell starts, and that its earlier outputs are gone."""
        if run.cell_id is None:
            return
        with self._lock:
            _put(self._newest_runs, run.cell_id, run.execution_id, _MOST_RUNS)
            self._drop(run.cell_id, but=run.execution_id)

    def record(self, run: CellRun, saved: SavedCell) -> Publication | None:
        """Record what a cell did in one application; return the output to publish.

        None when the published output says the same, or when the user has cleared it or
        has started the cell again.
        """
        key = (saved.application.id, run.execution_id)
        state = _state(saved.cell)
        with self._lock:
            if self._states.get(key) == state:
                return None
            is_update = key in self._states
            _put(self._states, key, state, _MOST_OUTPUTS)
            if self._is_gone(run):
                return None
            made = Summary(
                cell_id=run.cell_id,
                execution_id=run.execution_id,
                application_id=saved.application.id,
                display_id=f"cygnet-spark-{saved.application.id}-{run.execution_id}",
                bundle=saved_output.bundle(saved),
            )
            _put(self._summaries, key, made, _MOST_SUMMARIES)
        return Publication(made, is_update)

    def is_news(self, application_id: str, cell: Cell) -> bool:
        """Return whether a frame's entry differs from the cell's last output."""
        key = (application_id, str(cell.execution_id))
        with self._lock:
            return self._states.get(key) != _state(cell)

    def summaries(self) -> list[Summary]:
        """Return the outputs for a page that was reloaded: at most 20, oldest first."""
        with self._lock:
            return list(self._summaries.values())

    def forget(self, cell_id: str) -> None:
        """Announce a cell's outputs no more: the user has cleared them.

        A later execution counts again, also one that runs and has no output yet.
        """
        with self._lock:
            for execution_id in self._drop(cell_id):
                _put(self._cleared_runs, execution_id, cell_id, _MOST_RUNS)

    def _drop(self, cell_id: str, but: str | None = None) -> list[str]:
        dropped = [
            key
            for key, made in self._summaries.items()
            if made.cell_id == cell_id and made.execution_id != but
        ]
        for key in dropped:
            del self._summaries[key]
        return [execution_id for _, execution_id in dropped]

    def _is_gone(self, run: CellRun) -> bool:
        newest = self._newest_runs.get(run.cell_id or "", run.execution_id)
        return newest != run.execution_id or run.execution_id in self._cleared_runs


def _state(cell: Cell) -> object:
    return (cell.state, cell.jobs, cell.ended_ms)


def _put(table: OrderedDict[_Key, Any], key: _Key, value: object, limit: int) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > limit:
        table.popitem(last=False)
