import json
from dataclasses import replace
from typing import Any

import pytest

from spark_connector.bundle import Bundle, NamedBundle
from spark_connector.catalog import Catalog, read_catalog
from spark_connector.javalog import is_printed, read_line
from spark_connector.lock import FOREIGN, Effective, ExecutorLock, Lock, LockState
from spark_connector.problem import Problem
from spark_connector.state import (
    MAX_BYTES,
    Level,
    LogLine,
    Phase,
    SessionInfo,
    State,
    state_message,
)
from spark_connector.state_store import StateStore
from tests.support.source import ROOT

DATA = ROOT / "tests/data/connector"
INFO = SessionInfo("local-1790000000000", "flights", "local[2]", "4.3.0", 1790000000000)
LOCK = Lock(
    LockState.CLOSED,
    (),
    (Effective("spark.authenticate", "true", "true"),),
    (
        ExecutorLock("1", LockState.CLOSED),
        ExecutorLock("2", LockState.UNVERIFIABLE),
    ),
)


def shape(value: object) -> object:
    """Give the keys and types of a JSON value."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def golden(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / name).read_text())
    return data


def test_connected_state_has_the_shape_of_the_wire() -> None:
    state = State(
        phase=Phase.CONNECTED,
        chosen=("local-all-cores",),
        session=INFO,
        lock=LOCK,
        log=(LogLine(1790000000000, Level.INFO, "Java 25 started in 2.1 s"),),
        printed=("row 1 seen",),
    )
    catalog = read_catalog([])
    local_first = (catalog.default, *catalog.bundles)

    message = state_message(state, replace(catalog, bundles=local_first), 7)

    assert shape(message) == shape(golden("state_connected.json"))
    assert message["lock"] == golden("state_connected.json")["lock"]


def test_failed_state_has_the_shape_of_the_wire() -> None:
    wanted = golden("state_failed.json")
    problem = Problem(**wanted["problems"][0])
    log = (LogLine(1, Level.ERROR, wanted["log"][0]["text"]),)
    state = State(phase=Phase.FAILED, chosen=("weak",), problems=(problem,), log=log)
    catalog = read_catalog([])

    message = state_message(state, replace(catalog, bundles=(catalog.default,)), 3)

    assert shape(message) == shape(wanted)
    assert message["problems"] == wanted["problems"]
    assert message["lock"] == wanted["lock"]


@pytest.mark.parametrize("char", ["x", "é", "𝄞"])
def test_state_is_bounded_whatever_there_is_to_say(char: str) -> None:
    text = char * 400
    lines = tuple(LogLine(1, Level.WARNING, text) for _ in range(200))
    problems = tuple(Problem(text, "k", text, text) for _ in range(500))
    bundles = tuple(
        NamedBundle(f"b{n}", Bundle(title="T" * 80, description=char * 500), "b.yaml")
        for n in range(1000)
    )

    message = state_message(
        State(log=lines, problems=problems, printed=(text,) * 50),
        Catalog(bundles, problems),
        1,
    )

    assert len(json.dumps(message, ensure_ascii=False).encode()) <= MAX_BYTES


def test_log_keeps_the_newest_lines_and_cuts_long_ones() -> None:
    store = StateStore(lambda: None)

    for number in range(300):
        store.log(Level.INFO, f"{number} {'y' * 1000}")

    log = store.state.log
    assert len(log) == 200
    assert log[-1].text.startswith("299 ")
    assert len(log[-1].text) == 400
    assert log[-1].text.endswith("…")


def test_last_printed_lines_are_kept_and_cut() -> None:
    store = StateStore(lambda: None)

    for number in range(300):
        store.printed(f"{number} {'y' * 1000}")

    printed = store.state.printed
    assert [it.split()[0] for it in printed] == [str(it) for it in range(250, 300)]
    assert len(printed[-1]) == 400
    glance = repr(replace(store.state, phase=Phase.CONNECTED)).splitlines()
    assert glance[1] == "Printed last by Python workers:"
    assert [it.split()[0] for it in glance[2:]] == [str(it) for it in range(290, 300)]


@pytest.mark.parametrize(
    ("line", "is_print"),
    [
        ("spoken 1", True),
        ("  spoken", True),
        ("Traceback (most recent call last):", True),
        ("WARN Utils: Your hostname", False),
        ("INFO DAGScheduler: Submitted", False),
        ("\x1fcaused by what a worker printed", False),
        ("\tat org.apache.spark.X", False),
        ("\t... 12 more", False),
        ("Caused by: java.io.IOException", False),
        ('Exception in thread "main" java.lang.Error', False),
    ],
)
def test_prints_of_workers_are_reported_from_the_log(
    line: str, *, is_print: bool
) -> None:
    assert is_printed(line) == is_print


def test_number_grows_with_every_message() -> None:
    store = StateStore(lambda: None)
    catalog = Catalog((), ())

    numbers = [store.message(catalog)["seq"] for _ in range(50)]

    assert numbers == sorted(set(map(int, map(str, numbers))))


def test_every_change_is_announced() -> None:
    heard: list[str] = []
    store = StateStore(lambda: heard.append("changed"))

    store.update(phase=Phase.CONNECTING)
    store.log(Level.INFO, "x")

    assert heard == ["changed", "changed"]
    assert store.state.phase is Phase.CONNECTING


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("WARN Utils: Your hostname", (Level.WARNING, "Utils: Your hostname")),
        ("ERROR SparkContext: no", (Level.ERROR, "SparkContext: no")),
        ("INFO SparkContext: fine", None),
        ("\tat org.apache.spark.X", None),
        ("Error: Could not find", (Level.ERROR, "Error: Could not find")),
        ("Picked up JAVA_TOOL_OPTIONS: -Da=secret", None),
    ],
)
def test_lines_from_warnings_up_are_logged(line: str, means: object) -> None:
    assert read_line(line) == means


def test_glance_at_a_session_says_what_matters() -> None:
    log = (LogLine(1, Level.INFO, "Java 25 started in 2.1 s"),)
    state = State(Phase.CONNECTED, ("local-small",), INFO, LOCK, log=log)

    first, second, third = repr(state).splitlines()

    assert first == "Connected to Spark with local-small."
    assert second.startswith("Session: flights, Spark 4.3.0 on local[2], since ")
    assert third == "Lock: closed."
    assert f"{state}" == repr(state)


def test_glance_without_a_session_says_why() -> None:
    problem = Problem("Java", None, "It is gone.", "Run connect().")

    assert repr(State()) == "Not connected to Spark."
    failed = repr(State(phase=Phase.FAILED, problems=(problem,)))
    assert failed.splitlines()[0] == "Not connected to Spark: the last attempt failed."
    assert problem.text in failed
    assert repr(State(Phase.FOREIGN, (), INFO, FOREIGN)).endswith(FOREIGN.reasons[0])
