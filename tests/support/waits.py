"""Finds where the project's Python may wait for ever, and which locks it has."""

import ast
from collections.abc import Iterator

from tests.support.source import parsed

# Method to the place of its time-out among the arguments.
_METHODS = {
    "acquire": 1,
    "communicate": 1,
    "get": 1,
    "join": 0,
    "result": 0,
    "wait": 0,
    "wait_for": 1,
}
# The same of functions; None where it always has its name.
_FUNCTIONS = {
    "HTTPConnection": 2,
    "HTTPSConnection": 2,
    "as_completed": 1,
    "futures.wait": 1,
    "psutil.wait_procs": 1,
    "socket.create_connection": 1,
    "subprocess.call": None,
    "subprocess.check_call": None,
    "subprocess.check_output": None,
    "subprocess.run": None,
    "urlopen": 2,
}
_TIMELESS = {"os.wait", "os.waitpid", "signal.pause", "signal.sigwait"}
_OF_SOCKETS = {"accept", "recv", "recv_into", "recvfrom"}
_OF_LOCKS = {
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Lock",
    "RLock",
    "Semaphore",
}


def endless_waits(text: str) -> Iterator[str]:
    """Give the name of each function that may wait without a bound."""
    tree = parsed(text)
    awaited = {id(it.value) for it in ast.walk(tree) if isinstance(it, ast.Await)}
    # Such as `running.get()`, which waits for nothing.
    free = {"logging", *_variables(tree)}
    sockets = set() if ".settimeout(" in text else _OF_SOCKETS
    for owner in ast.walk(tree):
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(owner):
                if isinstance(node, ast.Call) and id(node) not in awaited:
                    yield from [owner.name] if _is_endless(node, free, sockets) else []


def locks(text: str) -> list[str]:
    """Give the name of each lock that can hold up a thread, sorted."""
    tree = parsed(text)
    known = {f"threading.{it}" for it in _OF_LOCKS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "threading":
            names = (it for it in node.names if it.name in _OF_LOCKS)
            known |= {it.asname or it.name for it in names}
    return sorted(
        ast.unparse(target).rpartition(".")[2]
        for target, value in _assignments(tree)
        if any(
            isinstance(it, ast.Name | ast.Attribute) and ast.unparse(it) in known
            for it in ast.walk(value)
        )
    )


def _is_endless(call: ast.Call, free: set[str], sockets: set[str]) -> bool:
    spelled = ast.unparse(call.func)
    owner, _, name = spelled.rpartition(".")
    if owner in free:
        return False
    for function, place in _FUNCTIONS.items():
        if f".{spelled}".endswith(f".{function}"):
            return not _is_bounded(call, place)
    rules = {
        "acquire": lambda: not _says(call, "blocking", 0, word=False),
        "flock": lambda: not {"LOCK_NB", "LOCK_UN"} & _names(call),
        "get": lambda: _waits_for_queue(call),
        "shutdown": lambda: not call.args and not _says(call, "wait", word=False),
    }
    is_method = bool(owner) and (name in rules or name in _METHODS)
    if is_method and (name not in rules or rules[name]()):
        return not _is_bounded(call, _METHODS.get(name))
    return spelled in _TIMELESS or (bool(owner) and name in sockets)


def _waits_for_queue(call: ast.Call) -> bool:
    # Other things have a `get` that takes a key, and none that takes a time.
    is_theirs = bool(call.args) and not _says(call, "block", 0, word=True)
    return not is_theirs and not _says(call, "block", word=False)


def _is_bounded(call: ast.Call, place: int | None) -> bool:
    """Say whether a call has a time-out that is never None."""
    named = [it.value for it in call.keywords if it.arg in {"timeout", None}]
    placed = call.args[place : place + 1] if place is not None else []
    given = [*named, *placed]
    return any(not _may_be_none(it) for it in given)


def _may_be_none(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _may_be_none(node.body) or _may_be_none(node.orelse)
    return isinstance(node, ast.Constant) and node.value is None


def _says(
    call: ast.Call, keyword: str, place: int | None = None, *, word: bool
) -> bool:
    named = [it.value for it in call.keywords if it.arg == keyword]
    placed = call.args[place : place + 1] if place is not None else []
    given = (it for it in (*named, *placed) if isinstance(it, ast.Constant))
    return any(it.value is word for it in given)


def _names(call: ast.Call) -> set[str]:
    return {it.attr for it in ast.walk(call) if isinstance(it, ast.Attribute)}


def _variables(tree: ast.Module) -> Iterator[str]:
    for target, value in _assignments(tree):
        made = value.func if isinstance(value, ast.Call) else value
        if ast.unparse(made).partition("[")[0].endswith("ContextVar"):
            yield ast.unparse(target)


def _assignments(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((it, node.value) for it in node.targets)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node.target, node.value
