"""Which lanes and test files a change can affect.

Imports show it for Python; the tables here have what they cannot show. In doubt more
is chosen: a file that nothing here knows, or that is gone, affects everything.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from scripts.lanes import imports
from scripts.lanes.imports import Imports

CHECKS = ("lint", "type")
"""What reads every file, and runs for every change."""
EVERY = ("page", "pure", "browser", "hub", "spark", "cluster")
"""All other lanes."""
KERNEL = ("spark_connector.*", "spark_monitor.*")
SERVICE = (
    "cygnet_hub.cli",
    "cygnet_hub.local.jupyterhub_config",
    "cygnet_lab.*",
    *KERNEL,
)
ENTRIES = {
    "browser": SERVICE,
    "hub": SERVICE,
    "spark": KERNEL,
    "cluster": ("cygnet_hub.*", "cygnet_lab.*", *KERNEL, "tests.cluster.node.*"),
}
"""What a lane runs in other processes, where no test imports it."""
FILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pyproject.toml", EVERY),
    ("Makefile", EVERY),
    ("hatch_build.py", EVERY),
    (".ci/*", EVERY),
    (".dockerignore", ("pure", "cluster")),
    ("scripts/make_venv.py", EVERY),
    ("scripts/build_lab.py", ("page", "browser", "hub", "cluster")),
    ("scripts/build_jar.py", ("browser", "hub", "spark", "cluster")),
    ("images/user/files/bin/trust", ("pure", "hub", "cluster")),
    ("images/*", ("pure", "cluster")),
    ("helm/*", ("pure", "cluster")),
    ("extensions/test/*", ("page", "pure")),
    ("extensions/cygnet_lab/*", ("pure", "browser", "hub", "cluster")),
    ("extensions/*", ("page", "pure", "browser", "hub", "cluster")),
    ("tests/spark/listener/*", ("pure", "spark")),
    ("*.scala", ("pure", "browser", "hub", "spark", "cluster")),
    ("hub/*", ("pure", "browser", "hub", "cluster")),
    ("spark_connector/*", ("pure", "browser", "hub", "spark", "cluster")),
    ("spark_monitor/*", ("pure", "browser", "hub", "spark", "cluster")),
    ("examples/*", ("pure", "browser", "hub", "spark", "cluster")),
    # Python, TypeScript and Scala read the same files.
    ("tests/data/*", ("page", "pure", "spark")),
    ("tests/cluster/*", ("pure", "cluster")),
    ("tests/support/oidc_provider/*", ("pure", "hub", "cluster")),
    # The tests that read files of the project run for every change.
    # A test of the page draws the documents' diagrams.
    ("docs/*", ("page",)),
    ("mkdocs.yml", ()),
    ("bench/*", ()),
    # A release is made by hand; imports show what else its modules mean.
    ("scripts/release/tools/*", ()),
    ("changelog.d/*", ()),
    ("*.md", ()),
    ("LICENSE", ()),
    (".gitignore", ()),
    (".editorconfig", ()),
    (".pre-commit-config.yaml", ()),
    ("CITATION.cff", ()),
    ("tests/durations.json", ()),
)
"""What files mean that no import leads to; the first pattern that fits counts."""
MORE_THAN_IMPORTS = ("scripts/make_venv.py", "scripts/build_*.py", "hatch_build.py")
"""Python that is run to make what tests use: the table above counts for it too."""
READS_FILES = re.compile(r"\bROOT\b|__file__|^from scripts\b", re.MULTILINE)
"""A test with this in its text reads files of the project."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to run, and the reason."""

    lane: str
    """The lane."""
    path: str
    """A test file, or nothing for the whole lane."""
    because: str
    """The file that has changed."""


def choices(changed: Iterable[str], root: Path) -> Iterator[Choice]:
    """Return what a change affects; the same test may come for several files.

    The changed files are relative to the project, those that are gone included.
    """
    used, always = imports.read(root), readers(root)
    for path in changed:
        yield from (Choice(it, "", path) for it in CHECKS)
        yield from (Choice("pure", it, path) for it in always)
        yield from _of_file(path, root, used)


def readers(root: Path) -> list[str]:
    """Return the tests of the pure lane that read files of the project."""
    tests = sorted((root / "tests/pure").rglob("test_*.py"))
    found = [it for it in tests if READS_FILES.search(it.read_text())]
    return [it.relative_to(root).as_posix() for it in found]


def words(found: Iterable[Choice], root: Path) -> list[str]:
    """Return the words of `ARGS` that run choices: whole lanes, else test files."""
    by_lane: dict[str, set[str]] = {}
    for it in found:
        by_lane.setdefault(it.lane, set()).add(it.path)
    result = []
    for lane, paths in by_lane.items():
        there = {it for it in paths if it and (root / it).exists()}
        result += [lane] if "" in paths else sorted(there)
    return result


def _of_file(path: str, root: Path, used: Imports) -> Iterator[Choice]:
    module = imports.module_of(path)
    if module is not None and not (root / path).exists():
        # Its users would be found by an import that is perhaps gone as well.
        is_test = path.startswith("tests/") and "/test_" in path
        yield from (Choice(it, "", path) for it in (() if is_test else EVERY))
    elif module is not None and module in used.direct:
        yield from _of_module(path, module, used)
        if any(fnmatchcase(path, it) for it in MORE_THAN_IMPORTS):
            yield from _of_table(path)
    else:
        yield from _of_table(path)


def _of_module(path: str, module: str, used: Imports) -> Iterator[Choice]:
    for lane, entries in ENTRIES.items():
        if module in used.used_by(*entries):
            yield Choice(lane, "", path)
    for test in used.direct:
        package, _, name = test.rpartition(".")
        is_test = package.startswith("tests.") and name.startswith("test_")
        if is_test and module in used.used_by(test):
            yield Choice(package.split(".")[1], imports.path_of(test), path)


def _of_table(path: str) -> Iterator[Choice]:
    for pattern, lanes in FILES:
        if fnmatchcase(path, pattern):
            yield from (Choice(it, "", path) for it in lanes)
            return
    yield from (Choice(it, "", path) for it in EVERY)
