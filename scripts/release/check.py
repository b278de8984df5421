"""Decides whether a clone can be released, and names all that is in the way.

As a program it does so before anything is installed or built.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.release import problem, tool, tree
from scripts.release.problem import Problem
from scripts.release.tree import CHANGELOG, FRAGMENTS, PROJECT, ROOT, Tree

SHOWN = 3
"""How many files a problem names."""


def problems(state: Tree) -> list[Problem]:
    """Give all that is wrong with a clone."""
    return [*_changes(state), *_versions(state), *_changelog(state)]


def _changes(state: Tree) -> Iterator[Problem]:
    if state.changes:
        names = (it[2:].strip() for it in state.changes)
        yield Problem(
            "git",
            f"The tree differs from its commit: {_some(names)}.",
            "Commit the changes, or release from a fresh clone.",
        )


def _versions(state: Tree) -> Iterator[Problem]:
    for place, version in state.versions.items():
        if version != state.version:
            yield Problem(
                place,
                f"The version is {version or 'missing'}, and {state.version} in "
                f"{PROJECT}.",
                f"Write {state.version} here.",
            )


def _changelog(state: Tree) -> Iterator[Problem]:
    if state.fragments:
        yield Problem(
            FRAGMENTS,
            f"The changelog lacks what {_some(state.fragments)} say.",
            "Run `scriv collect` and commit what it changes.",
        )
    elif not has_entry(state.changelog, state.version):
        yield Problem(
            CHANGELOG,
            f"There is no entry for version {state.version}.",
            "Write a fragment with `scriv create`, then run `scriv collect`.",
        )


def has_entry(changelog: str, version: str) -> bool:
    """Look for the heading of a version."""
    pattern = rf"^#+ v?{re.escape(version)}(?![\w.])"
    return re.search(pattern, changelog, re.MULTILINE) is not None


def _some(names: Iterable[str]) -> str:
    """Name the first ones, and say how many there are."""
    known = list(names)
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return ", ".join(known[:SHOWN]) + more


def of_clone(root: Path = ROOT) -> list[Problem]:
    """Give what is wrong with the clone, also that git refuses to read it."""
    try:
        state = tree.read(root)
    except subprocess.CalledProcessError as error:
        reason = " ".join(error.stderr.split())
        return [Problem("git", f"It says: {reason}", "Do what it says, and try again.")]
    except FileNotFoundError as error:
        return [
            Problem(
                str(error.filename),
                "It is missing.",
                "Install git, and release from a clone.",
            )
        ]
    return problems(state)


def main() -> int:
    """Print all problems of the clone and of the machine."""
    found = [*of_clone(), *tool.problems()]
    if found:
        sys.stderr.write(f"{problem.text(found)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
