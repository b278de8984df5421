"""Why a cell failed and what to do about it, for Spark's long error messages.

Decides which errors are known, and leaves every other one alone.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_monitor import java_error, java_process
from spark_monitor.own_lines import Line, worker_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from spark_monitor.java_error import Cause
    from spark_monitor.java_process import JavaProcess

_FORMER = "This belongs to a Spark session that has ended: make it again in a new one."
_STOPPED = "Cannot call methods on a stopped SparkContext"
_TRACEBACK = "Traceback (most recent call last):"
_LIBRARIES = ("py4j", "pyspark")
_STATE = re.compile(r"\s*SQLSTATE: \w+\s*$")
_TAKEN = re.compile(
    r"\[LOCATION_ALREADY_EXISTS\] Cannot name the managed table as (?P<name>\S+), "
    r"as its associated location '(?P<folder>[^']+)' already exists"
)
_CANCELLED = "SPARK_JOB_CANCELLED"
_NO_MODULE = re.compile(
    r"^ModuleNotFoundError: No module named '([\w.]+)'", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Reason:
    """The explanation of a failure."""

    sentence: str
    """The reason, and the remedy where there is one."""
    worker_lines: tuple[Line, ...] = ()
    """The user's own lines that ran in a Python worker."""


def reason_of(error: BaseException | None) -> Reason | None:
    """Return the reason of an error of a cell or a thread.

    None when the error explains itself best.
    """
    if error is None:
        return None
    lost = _lost_java(error) or _other_session(error) or _no_session(error)
    lost = lost or _java_package(error)
    if lost is not None:
        return Reason(lost)
    causes = java_error.causes(error)
    memory = _out_of_memory(error, causes) or _stopped(causes)
    if memory is not None:
        return Reason(memory)
    return _worker_failure(causes) or _taken_folder(causes) or _condition(causes)


def _lost_java(error: BaseException) -> str | None:
    client = java_error.client_of(error)
    if client is None and not _is_of_connection(error):
        return None
    if client is not None and java_error.causes(error):
        return None
    client = client or _client_in(error)
    newest = java_process.newest()
    java = newest if client is None else java_process.of_client(client)
    if java is None or (code := java.exit_code()) is None:
        return None
    return _FORMER if java is not newest or code == 0 else _end_in_words(java, code)


def _end_in_words(java: JavaProcess, code: int) -> str:
    if code == java_process.OUT_OF_MEMORY:
        return (
            f"Spark's Java ran out of memory ({java.memory}) and has ended: collect "
            f"less, or ask for more memory. {java.renewal}"
        )
    return f"Spark's Java process {java_process.in_words(code)}. {java.renewal}"


def _is_of_connection(error: BaseException) -> bool:
    protocol = sys.modules.get("py4j.protocol")
    kinds = (ConnectionError, EOFError, getattr(protocol, "Py4JError", EOFError))
    return isinstance(error, kinds) and any(
        _root(frame) in _LIBRARIES for frame in _frames(error)
    )


def _client_in(error: BaseException) -> Any:  # noqa: ANN401 - py4j has no types.
    gateways = sys.modules.get("py4j.java_gateway")
    if gateways is None:
        return None
    for frame in reversed(_frames(error)):
        owner = frame.f_locals.get("self")
        if isinstance(owner, gateways.GatewayClient):
            return owner
        for name in ("gateway_client", "_gateway_client", "java_client"):
            client = getattr(owner, "__dict__", {}).get(name)
            if isinstance(client, gateways.GatewayClient):
                return client
    return None


def _other_session(error: BaseException) -> str | None:
    # Java's ids of objects mean nothing, or something else, to another Java process.
    gateways = sys.modules.get("py4j.java_gateway")
    if gateways is None or not _is_of_connection(error):
        return None
    for frame in _frames(error):
        owner, given = frame.f_locals.get("self"), frame.f_locals.get("args", ())
        if isinstance(owner, gateways.JavaMember) and any(
            isinstance(it, gateways.JavaObject)
            and it._gateway_client is not owner.gateway_client  # noqa: SLF001 - py4j's.
            for it in given
        ):
            return _FORMER
    return None


def _no_session(error: BaseException) -> str | None:
    # Parts of a stopped session find nothing where its Java side was.
    is_about_none = isinstance(error, AttributeError) and error.obj is None
    frames = _frames(error)
    if not is_about_none or not frames or _root(frames[-1]) != "pyspark":
        return None
    owners = [frame.f_locals.get("self") for frame in frames]
    parts = [getattr(owner, "__dict__", {}) for owner in owners]
    contexts = [*parts, *(getattr(it.get("_sc"), "__dict__", {}) for it in parts)]
    if not any("_jsc" in it and it["_jsc"] is None for it in contexts):
        return None
    # It may have ended just now, in the midst of what was asked.
    before = error.__context__
    return (before and _lost_java(before)) or _FORMER


def _java_package(error: BaseException) -> str | None:
    if not isinstance(error, TypeError) or "'JavaPackage' object" not in str(error):
        return None
    return (
        "Spark's Java has no class of this name: correct the name, or add the package "
        "that holds it by spark.jars.packages, or its file by spark.jars, before the "
        "session starts."
    )


def _out_of_memory(error: BaseException, causes: Sequence[Cause]) -> str | None:
    texts = [f"{it.kind} {it.message}" for it in causes]
    if not causes and _is_of_connection(error):
        texts = [str(error)]
    if not any("java.lang.OutOfMemoryError" in text for text in texts):
        return None
    java = java_process.newest()
    # One whose task had no memory ends itself in a moment.
    if java is not None and java.exit_code() == java_process.OUT_OF_MEMORY:
        return _end_in_words(java, java_process.OUT_OF_MEMORY)
    size = f" ({java.memory})" if java else ""
    return (
        f"Spark's Java ran out of memory{size}: collect less, or start a session with "
        "more spark.driver.memory, or more spark.executor.memory where executors are "
        "elsewhere."
    )


def _stopped(causes: Sequence[Cause]) -> str | None:
    return _FORMER if any(_STOPPED in it.message for it in causes) else None


def _worker_failure(causes: Sequence[Cause]) -> Reason | None:
    text = next((it.message for it in causes if _TRACEBACK in it.message), None)
    if text is None:
        return None
    trace = text[text.index(_TRACEBACK) :].split("\n\tat ", 1)[0]
    trace = _STATE.sub("", trace)
    said = _last_words(trace)
    advice = _module_advice(said)
    sentence = f"{said}\n{advice}" if advice else said
    return Reason(sentence, tuple(worker_lines(trace)))


def _last_words(trace: str) -> str:
    lines = [line for line in trace.splitlines() if line.strip()]
    last: list[str] = []
    for line in lines:
        if line.startswith((" ", _TRACEBACK)):
            last = []
        else:
            last.append(line)
    return "\n".join(last[:5]) or lines[-1].strip()


def _module_advice(said: str) -> str | None:
    found = _NO_MODULE.search(said)
    name = found[1].partition(".")[0] if found else ""
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file:
        return None
    path = Path(file)
    call = f"sc.addPyFile({str(path)!r})"
    if path.stem == "__init__":
        folder = str(path.parent.parent)
        archive = f"shutil.make_archive({name!r}, 'zip', {folder!r}, {name!r})"
        call = f"sc.addPyFile({archive})"
    return (
        f"This kernel finds {name} by its sys.path, which Spark's Python workers do "
        f"not have: run {call} before, or put {name} next to the notebook."
    )


def _taken_folder(causes: Sequence[Cause]) -> Reason | None:
    found = next(filter(None, (_TAKEN.match(it.message) for it in causes)), None)
    if found is None:
        return None
    name = found["name"].rpartition(".")[2].strip("`")
    folder = found["folder"].removeprefix("file:")
    return Reason(
        f"The table {name} was not made, because its folder {folder} holds the files "
        "of an earlier session's table: a session forgets its tables, and their files "
        "stay. Choose one of these:\n"
        f'- use them: spark.sql("create table {name} using parquet location '
        f"'{folder}'\"), in the format in which they were written\n"
        f"- replace them, if they are not needed: import shutil; "
        f"shutil.rmtree({folder!r}), and run this cell again\n"
        "- give the new table another name\n"
        "- keep tables from now on: with spark.sql.catalogImplementation=hive, a "
        "session has a catalog that lasts, in this notebook's folder"
    )


def _condition(causes: Sequence[Cause]) -> Reason | None:
    if any(it.condition == _CANCELLED for it in causes):
        return None
    for cause in causes:
        if cause.condition:
            return Reason(f"{cause.words} [{cause.condition}]")
    return None


def _frames(error: BaseException) -> list[FrameType]:
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames


def _root(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
