"""What pages are told about the connector: the `State` of docs/wire.md.

Pure: values in, a bounded JSON object out. No secret ever is among the values.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spark_connector.catalog import DEFAULT, Catalog
from spark_connector.lock import NO_SESSION, Lock
from spark_connector.problem import Problem

VERSION = 1
MAX_BYTES = 64 * 1024
MAX_LINES = 200
_MAX_TEXT = 400


class Phase(StrEnum):
    """Where the connector is."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "failed"
    FOREIGN = "foreign"


class Level(StrEnum):
    """How grave a line of the log is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the session log."""

    at_ms: int
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What is shown of a session."""

    application_id: str
    name: str
    master: str
    spark_version: str
    started_ms: int


@dataclass(frozen=True, slots=True)
class State:
    """A snapshot of the connector."""

    phase: Phase = Phase.DISCONNECTED
    chosen: tuple[str, ...] = ()
    session: SessionInfo | None = None
    lock: Lock = NO_SESSION
    problems: tuple[Problem, ...] = ()
    log: tuple[LogLine, ...] = ()
    """At most 200 lines, oldest first."""


def state_message(state: State, catalog: Catalog, seq: int) -> dict[str, object]:
    """Return a state as the wire has it.

    Parameters
    ----------
    state
        The snapshot.
    catalog
        The bundles and the problems of their files.
    seq
        The snapshot's number.

    Returns
    -------
    dict
        JSON values only, at most 64 KB. What is too much is left out: first the
        oldest half of the log, again and again, then descriptions and problems.
    """
    shrink: Sequence[Callable[[State, Catalog], tuple[State, Catalog]]] = (
        *[_halve_log] * 8,
        _shorten_catalog,
        _few_problems,
    )
    message = _message(state, catalog, seq)
    for step in shrink:
        if _size(message) <= MAX_BYTES:
            break
        state, catalog = step(state, catalog)
        message = _message(state, catalog, seq)
    return message


def _size(message: dict[str, object]) -> int:
    return len(json.dumps(message, ensure_ascii=False).encode())


def _halve_log(state: State, catalog: Catalog) -> tuple[State, Catalog]:
    kept = state.log[(len(state.log) + 1) // 2 :]
    return replace(state, log=kept), catalog


def _shorten_catalog(state: State, catalog: Catalog) -> tuple[State, Catalog]:
    few = catalog.bundles[:100]
    bare = tuple(
        replace(named, bundle=named.bundle.model_copy(update={"description": ""}))
        for named in few
    )
    return state, replace(catalog, bundles=bare)


def _few_problems(state: State, catalog: Catalog) -> tuple[State, Catalog]:
    return (
        replace(state, problems=state.problems[:20]),
        replace(catalog, problems=catalog.problems[:20]),
    )


def _message(state: State, catalog: Catalog, seq: int) -> dict[str, object]:
    return {
        "version": VERSION,
        "seq": seq,
        "phase": state.phase.value,
        "catalog": _catalog(catalog),
        "chosen": list(state.chosen),
        "session": _session(state.session),
        "lock": _lock(state.lock),
        "problems": _problems([*state.problems, *catalog.problems]),
        "log": [
            {"at_ms": line.at_ms, "level": line.level.value, "text": cut(line.text)}
            for line in state.log[-MAX_LINES:]
        ],
    }


def _catalog(catalog: Catalog) -> list[dict[str, object]]:
    return [
        {
            "name": named.name,
            "title": named.bundle.title,
            "description": named.bundle.description,
            "owner": named.bundle.owner,
            "cluster": named.bundle.cluster.type if named.bundle.cluster else None,
            "is_default": named.name == DEFAULT,
        }
        for named in catalog.bundles
    ]


def _session(session: SessionInfo | None) -> dict[str, object] | None:
    if session is None:
        return None
    return {
        "application_id": session.application_id,
        "name": cut(session.name),
        "master": session.master,
        "spark_version": session.spark_version,
        "started_ms": session.started_ms,
    }


def _lock(lock: Lock) -> dict[str, object]:
    return {
        "state": lock.state.value,
        "reasons": list(lock.reasons),
        "settings": [
            {"key": s.key, "expected": s.expected, "effective": s.effective}
            for s in lock.settings
        ],
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, object]]:
    return [
        {
            "place": cut(problem.place),
            "key": problem.key,
            "reason": cut(problem.reason),
            "remedy": cut(problem.remedy),
        }
        for problem in problems
    ]


def cut(text: str) -> str:
    """Return a text, visibly shortened where it is long.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        At most 400 characters; one that was cut ends with `…`.
    """
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"
