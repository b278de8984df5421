"""The connector's state as pages get it: the `State` of docs/reference/wire.md.

Pure: values in, a bounded JSON object out. No secret ever is among the values.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from typing_extensions import override

from spark_connector.bundle import NamedBundle
from spark_connector.catalog import Catalog
from spark_connector.lock import NO_SESSION, Lock
from spark_connector.problem import Problem
from spark_connector.text import cut

VERSION = 1
MAX_BYTES = 64 * 1024
MAX_LINES = 200
MAX_PRINTED = 50
MAX_TEXT = 400
_MAX_CHOSEN = 50
_MAX_LOCKS = 100
_MOST_SHOWN = 10


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


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """A snapshot of the connector."""

    phase: Phase = Phase.DISCONNECTED
    chosen: tuple[str, ...] = ()
    session: SessionInfo | None = None
    lock: Lock = NO_SESSION
    problems: tuple[Problem, ...] = ()
    log: tuple[LogLine, ...] = ()
    """At most 200 lines, oldest first."""
    printed: tuple[str, ...] = ()
    """What workers on this machine printed last: at most 50 lines, oldest first."""

    @override
    def __repr__(self) -> str:
        """Return a summary of a few lines."""
        names = ", ".join(self.chosen)
        said = {
            Phase.DISCONNECTED: "Not connected to Spark.",
            Phase.CONNECTING: f"Connecting to Spark with {names}.",
            Phase.CONNECTED: f"Connected to Spark with {names}.",
            Phase.FAILED: "Not connected to Spark: the last attempt failed.",
            Phase.FOREIGN: "There is a Spark session that connect() did not make.",
        }
        lines = [said[self.phase]]
        if self.session is not None:
            lines += [_session_line(self.session), _lock_line(self.lock)]
        lines += [problem.text for problem in self.problems]
        if self.printed:
            lines += ["Printed last by Python workers:"]
            lines += [f"  {line}" for line in self.printed[-_MOST_SHOWN:]]
        return "\n".join(lines)


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
        JSON values only, at most 64 KB. What is too much is left out by halving the
        longest list until all fits: of the log and of what was printed the oldest
        lines, of problems and bundles the last ones.
    """
    log = [_line(line) for line in state.log[-MAX_LINES:]]
    printed = [cut(line, MAX_TEXT) for line in state.printed[-MAX_PRINTED:]]
    problems = [_problem(it) for it in (*state.problems, *catalog.problems)]
    default = catalog.default_name
    bundles = [_bundle(named, default) for named in catalog.bundles]
    lists: list[list[Any]] = [log, printed, problems, bundles]
    message: dict[str, object] = {
        "version": VERSION,
        "seq": seq,
        "phase": state.phase.value,
        "catalog": bundles,
        "chosen": [cut(name, MAX_TEXT) for name in state.chosen[:_MAX_CHOSEN]],
        "session": _session(state.session),
        "lock": _lock(state.lock),
        "problems": problems,
        "log": log,
        "printed": printed,
    }
    while any(lists) and _size(message) > MAX_BYTES:
        longest = max(lists, key=_size)
        half = (len(longest) + 1) // 2
        is_oldest_first = longest is log or longest is printed
        del longest[slice(0, half) if is_oldest_first else slice(-half, None)]
    return message


def _size(part: object) -> int:
    return len(json.dumps(part, ensure_ascii=False).encode())


def _line(line: LogLine) -> dict[str, object]:
    return {
        "at_ms": line.at_ms,
        "level": line.level.value,
        "text": cut(line.text, MAX_TEXT),
    }


def _bundle(named: NamedBundle, default: str) -> dict[str, object]:
    bundle = named.bundle
    return {
        "name": named.name,
        "title": bundle.title,
        "description": bundle.description,
        "owner": bundle.owner,
        "cluster": bundle.cluster.type if bundle.cluster else None,
        "is_default": named.name == default,
    }


def _session(session: SessionInfo | None) -> dict[str, object] | None:
    if session is None:
        return None
    return {
        "application_id": session.application_id,
        "name": cut(session.name, MAX_TEXT),
        "master": session.master,
        "spark_version": session.spark_version,
        "started_ms": session.started_ms,
    }


def _lock(lock: Lock) -> dict[str, object]:
    return {
        "state": lock.state.value,
        "reasons": list(lock.reasons),
        "notes": [cut(note, MAX_TEXT) for note in lock.notes[:_MAX_CHOSEN]],
        "settings": [
            {"key": s.key, "expected": s.expected, "effective": s.effective}
            for s in lock.settings
        ],
        "executors": [
            {"id": it.id, "state": it.state.value} for it in lock.executors[:_MAX_LOCKS]
        ],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "place": cut(problem.place, MAX_TEXT),
        "key": problem.key,
        "reason": cut(problem.reason, MAX_TEXT),
        "remedy": cut(problem.remedy, MAX_TEXT),
    }


def _session_line(session: SessionInfo) -> str:
    since = datetime.fromtimestamp(session.started_ms / 1000, UTC).astimezone()
    return (
        f"Session: {session.name}, Spark {session.spark_version} on {session.master}, "
        f"since {since:%H:%M} ({session.application_id})."
    )


def _lock_line(lock: Lock) -> str:
    return " ".join([f"Lock: {lock.state.value}.", *lock.reasons, *lock.notes])
