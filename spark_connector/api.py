"""The four calls of the connector, for notebooks and scripts."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Literal, overload

from spark_connector.attempt import Attempt
from spark_connector.connection import current_connection
from spark_connector.errors import InterruptedStartError
from spark_connector.explanation import Explanation
from spark_connector.frontend import current

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from spark_connector.state import State


@overload
def connect(
    *bundles: str, wait: Literal[True] = True, **options: object
) -> SparkSession: ...
@overload
def connect(*bundles: str, wait: bool, **options: object) -> SparkSession | None: ...
def connect(*bundles: str, wait: bool = True, **options: object) -> SparkSession | None:
    """Connect to Spark with an authenticated and encrypted session.

    Parameters
    ----------
    *bundles
        Names of bundles; none for the default one. When there is a session already,
        the same bundles (or none) give the same session.
    wait
        False to return at once; the kernel stays usable, and `spark` and `sc` appear
        in the notebook when the session is there.
    **options
        Spark keys and values of your own; they win over those of bundles:
        `connect("local-small", **{"spark.sql.shuffle.partitions": 8})`.

    Returns
    -------
    SparkSession or None
        The session; None if it is not there yet and `wait` is false.

    Raises
    ------
    RefusedError
        If anything is wrong with the bundles or the options: every problem at once,
        before anything is started.
    StartError
        If Java or Spark does not come up.
    InterruptedStartError
        If the cell was interrupted; nothing is left running.
    ConflictError
        If there is another session.
    """
    __tracebackhide__ = True
    _join_notebook()
    connection = current_connection()
    try:
        found = connection.begin(bundles, options)
        if not isinstance(found, Attempt):
            changed = [problem.text for problem in connection.state.problems]
            if changed:
                current().progress().show(changed)
            return found.present()
        return connection.wait(found).present() if wait else None
    except InterruptedStartError:
        raise
    except KeyboardInterrupt:
        connection.cancel()
        raise InterruptedStartError from None


def disconnect() -> None:
    """End the session and its Java process; without a session nothing happens.

    Raises
    ------
    ConflictError
        If the session was not made by `connect`; stop that by `spark.stop()`.
    """
    current_connection().disconnect()


def explain(*bundles: str, **options: object) -> Explanation:
    """Say what `connect` with the same arguments would set, and why.

    Parameters
    ----------
    *bundles
        As for `connect`.
    **options
        As for `connect`.

    Returns
    -------
    Explanation
        A table of every key, its value and where it comes from.

    Raises
    ------
    RefusedError
        With every problem, as `connect` would refuse.

    Notes
    -----
    Starts nothing, so it also works without Java.
    """
    return Explanation(current_connection().resolve(bundles, options))


def status() -> State:
    """Say whether there is a session, which one, and how it is protected.

    Returns
    -------
    State
        A snapshot; its `phase`, `session`, `lock`, `problems` and `log` are values.
    """
    connection = current_connection()
    connection.refresh()
    return connection.state


def _join_notebook() -> None:
    # In a notebook whose kernel did not load the extension, the call loads it.
    if "ipykernel.kernelapp" in sys.modules:
        import_module("spark_connector.kernel").load_here()
