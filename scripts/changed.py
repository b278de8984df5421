"""Runs the tests that the uncommitted change can affect; `ARGS=REV` names a base.

It is for the time between two commits. Continuous integration runs everything.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts import run_tests
from scripts.lanes import effect
from scripts.lanes.effect import Choice
from scripts.lanes.table import ROOT

SHOWN = 3
"""How many files a line names."""


def changed_files(base: str, root: Path = ROOT) -> list[str]:
    """Return the files that differ from a commit, new and removed ones included.

    Their paths are relative to the project; of a renamed file, both names count.
    """
    differing = _git(root, "diff", "--name-only", "--no-renames", "-z", base, "--")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({*differing, *new})


def reasons(found: Iterable[Choice]) -> list[str]:
    """List for each lane what runs of it and which files are the reason."""
    lanes: dict[str, list[Choice]] = {}
    for it in found:
        lanes.setdefault(it.lane, []).append(it)
    lines = []
    for lane, chosen in lanes.items():
        whole = [it for it in chosen if not it.path]
        what = "the whole lane" if whole else _listed(it.path for it in chosen)
        lines.append(
            f"{lane:8} {what}, for {_listed(it.because for it in whole or chosen)}"
        )
    return lines


def _listed(files: Iterable[str]) -> str:
    """Name the first few of some files, and say how many more there are."""
    names = list(dict.fromkeys(files))
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def main(arguments: Sequence[str]) -> int:
    """Choose, say what and why, and run it."""
    if len(arguments) > 1:
        print("Name at most one commit, e.g. `main`.", file=sys.stderr)
        return 2
    try:
        changed = changed_files(arguments[0] if arguments else "HEAD")
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    if not changed:
        print("Nothing has changed.")
        return 0
    found = list(effect.choices(changed, ROOT))
    print("\n".join(reasons(found)), flush=True)
    return run_tests.main(effect.words(found, ROOT))


def _git(root: Path, *arguments: str) -> list[str]:
    command = ["git", *arguments]
    output = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True)
    return [it for it in output.stdout.decode().split("\0") if it]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
