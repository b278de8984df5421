"""Repeats a lane on a busy machine, and names each test that did not always pass.

`ARGS='hub -n 5 -k login'`: the lane or its paths, how many rounds, and options of
pytest. Two processes keep the processors busy meanwhile.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from scripts.lanes import summary
from scripts.lanes.course import Course, Verdict
from scripts.lanes.node_id import repetition
from scripts.lanes.request import Part, RequestError, parse
from scripts.lanes.runner import Runner
from scripts.lanes.table import PYTHON, TABLE, Table
from scripts.run_tests import INTERRUPTED

ROUNDS = 3
LOADS = 2
BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(10**6):
        pass
"""
"""A program that uses a processor until its parent has ended."""


def words_and_rounds(words: Sequence[str]) -> tuple[list[str], int]:
    """Take the number of rounds out of the words of `ARGS`.

    A lane or path comes first; then `-n N` or `-nN` once, or not at all.
    """
    rest = list(words)
    if not rest or rest[0].startswith("-"):
        message = "Name a lane or tests first, e.g. `ARGS='hub -n 5'`."
        raise RequestError(message)
    found = next((i for i, it in enumerate(rest) if it.startswith("-n")), None)
    if found is None:
        return rest, ROUNDS
    number = rest.pop(found).removeprefix("-n")
    if not number and found < len(rest):
        number = rest.pop(found)
    if not number.isdecimal() or int(number) == 0:
        message = f"`-n` wants a number of rounds, and not {number!r}."
        raise RequestError(message)
    return rest, int(number)


def tally(rounds: Iterable[Sequence[Course]]) -> dict[str, Counter[str]]:
    """Count how each test, or lane without reports of tests, ended in all rounds."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for courses in rounds:
        for it in courses:
            for node_id, outcome in it.reports.outcomes.items():
                found[node_id][outcome] += 1
            for failure in it.reports.failures:
                if failure.node_id not in it.reports.outcomes:
                    found[failure.node_id]["failed"] += 1
            if it.verdict is Verdict.FAILED and not it.reports.failures:
                found[it.name]["failed"] += 1
    return found


def report(found: Mapping[str, Counter[str]], rounds: int) -> list[str]:
    """Return a line for each test that failed, with the command that repeats it."""
    return [
        f"{name} failed in {count['failed']} of {rounds} rounds. "
        f"Repeat it: {repetition(name)}"
        for name, count in found.items()
        if count["failed"]
    ]


def main(words: Sequence[str], table: Table = TABLE) -> int:
    """Repeat, report, and give the exit code."""
    try:
        rest, rounds = words_and_rounds(words)
        parts = parse(rest, table)
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    return repeat(parts, rounds, table)


def repeat(parts: Sequence[Part], rounds: int, table: Table) -> int:
    """Run parts of lanes several times under load."""
    done: list[list[Course]] = []
    for number in range(1, rounds + 1):
        runner = Runner(replace(table, errands=()))
        runner.screen.say(f"== round {number} of {rounds}")
        for _ in range(LOADS):
            # The runner ends them with all that it has started.
            runner.children.start(
                (PYTHON, "-c", BUSY), table.root, table.artifacts / "load.log"
            )
        done.append(runner.run(parts))
        if runner.was_interrupted:
            return INTERRUPTED
    lines = report(tally(done), rounds)
    print("\n".join(["", *lines]) if lines else "\nEvery test passed in every round.")
    return summary.exit_code(parts, done[0]) if not lines else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
