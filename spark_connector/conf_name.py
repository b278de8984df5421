"""The names by which notebooks from SWAN know a session's `SparkConf`.

SWAN defines them in each notebook. Here a cell that lacks one gets it, with a message;
a notebook that uses neither never sees them.
"""

import ast
from collections.abc import Callable, Container
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spark_connector.errors import ConnectorError
from spark_connector.setting import is_secret

if TYPE_CHECKING:
    from spark_connector.connection import Connection

NAMES = frozenset({"conf", "swan_spark_conf"})


def missed_names(cell: ast.AST, known: Container[str]) -> set[str]:
    """Return which of the names a cell reads, but neither it nor the notebook binds."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(cell):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add(other or name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case _:
                pass
    return {name for name in (read & NAMES) - bound if name not in known}


def bind(
    names: dict[str, Any],
    cell: ast.AST,
    connection: "Callable[[], Connection]",
    show: Callable[[str], None],
) -> None:
    """Give a cell the names that it lacks, before it runs, with a message."""
    missed = sorted(missed_names(cell, names))
    if missed:
        session: Any = import_module("spark_connector.session")
        context = session.active_context()
        settings = {} if context else _settings(connection())
        conf = session.make_conf(context, settings)
        names.update(dict.fromkeys(missed, conf))
        which = " and ".join(f"'{name}'" for name in missed)
        show(
            f"{which} was not defined; it is now a SparkConf with the settings of "
            "connect(), as in SWAN. A session that you build from it works, but its "
            "lock is open."
        )


def _settings(connection: "Connection") -> dict[str, str]:
    try:
        resolved = connection.resolve((), {})
    except ConnectorError:
        # It has to be a session of the notebook's own then.
        return {}
    return {it.key: it.value for it in resolved.settings if not is_secret(it.key)}
