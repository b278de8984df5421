"""Reads the words of `ARGS`: which lanes run, on which paths, with which options.

Lanes, paths and node ids come first. From the first word that begins with a dash, all
words are options of pytest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.lanes.node_id import bare
from scripts.lanes.table import BIN, Lane, Table

DISTRIBUTION = ("--dist", "loadgroup", "--no-loadscope-reorder")
OWN_DISTRIBUTION = ("-n", "--numprocesses", "--dist", "--pdb", "--trace")
"""Options with which the lane's number of workers does not count."""


class RequestError(ValueError):
    """The words name something that is not there."""


@dataclass(frozen=True, slots=True)
class Part:
    """One lane of a request."""

    lane: Lane
    """Which."""
    paths: tuple[str, ...] = ()
    """Files, folders and node ids in it; empty for the whole lane."""
    options: tuple[str, ...] = ()
    """Options of pytest."""

    @property
    def is_whole(self) -> bool:
        """Whether all tests of the lane run."""
        return not self.paths and not self.options

    @property
    def workers(self) -> int:
        """Over how many processes the tests are distributed; 0 for none.

        One file is one group, which no second process could share.
        """
        files = {it.partition("::")[0] for it in self.paths}
        is_one = len(files) == 1 and next(iter(files)).endswith(".py")
        is_own = any(it.startswith(OWN_DISTRIBUTION) for it in self.options)
        return 0 if is_one or is_own else self.lane.workers

    def command(self, report: Path, count: Path) -> list[str]:
        """Return the command that runs it in the project's folder.

        pytest writes the reports of its tests to one file, and how many it has
        collected to another.
        """
        if not self.lane.is_pytest:
            return list(self.lane.command)
        words = [str(BIN / "pytest"), *(self.paths or (f"tests/{self.lane.name}",))]
        words += [f"--report-log={report}", f"--count-file={count}"]
        words += ["--report-log-exclude-logs-on-passed-tests"]
        if self.workers:
            words += ["-n", str(self.workers), *DISTRIBUTION]
        return [*words, *self.options]


def parse(words: Sequence[str], table: Table) -> list[Part]:
    """Read the words of `ARGS`; none stands for all lanes.

    Each lane comes once, in the table's order. `RequestError` has all words that name
    nothing, and what there is.
    """
    first_option = next(
        (i for i, it in enumerate(words) if it.startswith("-")), len(words)
    )
    names, options = words[:first_option], tuple(words[first_option:])
    chosen: dict[str, list[str]] = {}
    unknown = []
    for name in names:
        for lane, path in _meaning(bare(name), table):
            chosen.setdefault(lane, []).extend(path)
            if not path:
                chosen[lane] = [""]
        if not _meaning(bare(name), table):
            unknown.append(name)
    if unknown:
        raise RequestError(_complaint(unknown, table))
    parts = list(_parts(chosen, options, table))
    if not parts:
        message = "Options go to pytest, which none of these lanes runs."
        raise RequestError(message)
    return parts


def _parts(
    chosen: dict[str, list[str]], options: tuple[str, ...], table: Table
) -> Iterable[Part]:
    for lane in table.lanes:
        if chosen and lane.name not in chosen:
            continue
        paths = chosen.get(lane.name, [])
        if lane.is_pytest:
            whole = "" in paths
            yield Part(lane, () if whole else tuple(dict.fromkeys(paths)), options)
        # An option selects tests; a lane without tests runs only when it is named.
        elif chosen or not options:
            yield Part(lane)


def _meaning(word: str, table: Table) -> list[tuple[str, list[str]]]:
    """Return the lanes that a word means, each with a path or as a whole."""
    if any(it.name == word for it in table.lanes):
        return [(word, [])]
    file, mark, test = word.partition("::")
    place = (table.root / file).resolve()
    tests = table.root.resolve() / "tests"
    if not file or not place.exists() or not place.is_relative_to(tests):
        return []
    inner = place.relative_to(tests).parts
    runs = [it.name for it in table.lanes if it.is_pytest]
    if not inner:
        return [(it, []) for it in runs]
    if inner[0] not in runs:
        return []
    path = place.relative_to(table.root.resolve()).as_posix()
    return [(inner[0], [f"{path}{mark}{test}"])]


def _complaint(unknown: Sequence[str], table: Table) -> str:
    lanes = ", ".join(it.name for it in table.lanes)
    folders = ", ".join(f"tests/{it.name}" for it in table.lanes if it.is_pytest)
    return (
        f"There is no lane and no test file {' or '.join(map(repr, unknown))}. The "
        f"lanes are {lanes}; test files and node ids begin with one of {folders}; "
        "options of pytest come last."
    )
