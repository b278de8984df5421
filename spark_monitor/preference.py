"""The user's preferences for the monitor, by `%config` or in a profile."""

from __future__ import annotations

from traitlets import Bool
from traitlets.config import Configurable


class SparkMonitor(Configurable):
    """The Spark panels of this kernel.

    Notes
    -----
    IPython reads it: `%config SparkMonitor.saves_panels = False` in a cell, or
    `c.SparkMonitor.saves_panels = False` in a profile.
    """

    saves_panels = Bool(
        default_value=True,
        help="Whether the last state of a cell's Spark work becomes part of the cell's "
        "output, and so of the saved notebook and of what is exported from it.",
    ).tag(config=True)
