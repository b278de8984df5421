"""Runs lanes of checks and tests, and sums up; `ARGS` selects among them.

The exit code is 0 only when everything passed.
"""

import sys
from collections.abc import Sequence

from scripts.lanes import summary
from scripts.lanes.request import Part, RequestError, parse
from scripts.lanes.runner import Runner
from scripts.lanes.table import TABLE, Table

INTERRUPTED = 130


def run(parts: Sequence[Part], table: Table = TABLE) -> int:
    """Run parts of lanes, print the summary, and return the exit code."""
    runner = Runner(table)
    courses = runner.run(parts)
    runner.screen.say(summary.text(courses))
    for line in summary.record(courses):
        runner.screen.say(f"Slower than usual: {line}")
    code = summary.exit_code(parts, courses)
    return INTERRUPTED if runner.was_interrupted else code


def main(words: Sequence[str], table: Table = TABLE) -> int:
    """Run what the words of `ARGS` name."""
    try:
        parts = parse(words, table)
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    return run(parts, table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
