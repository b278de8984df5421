"""Which of the project's modules each module uses, directly or through others.

grimp reads the imports. Added are what no import shows: pytest's `conftest.py`
files, packages of modules, and modules that a text names because another process
runs them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

PACKAGES = {
    "cygnet_hub": "hub/cygnet_hub",
    "cygnet_lab": "extensions/cygnet_lab",
    "spark_connector": "spark_connector",
    "spark_monitor": "spark_monitor",
    "tests": "tests",
    "scripts": "scripts",
    "bench": "bench",
}
"""The folder of each package that is followed."""
_NAMES = "|".join(PACKAGES)
DOTTED = re.compile(rf"\b(?:{_NAMES})(?:\.\w+)+")
FROM = re.compile(rf"\bfrom ((?:{_NAMES})[\w.]*) import \(?([\w, \n]+)")
FILE = re.compile(r"[\"'/](\w+)\.py\b")


def module_of(path: str) -> str | None:
    """Return the name of the module in a file, ``None`` for other files."""
    for package, folder in PACKAGES.items():
        if path.startswith(f"{folder}/") and path.endswith(".py"):
            inner = path.removeprefix(folder).removesuffix(".py")
            return package + inner.replace("/", ".").removesuffix(".__init__")
    return None


def path_of(module: str) -> str:
    """Return the file of a module that is not a package."""
    package, _, rest = module.partition(".")
    return f"{PACKAGES[package]}/{rest.replace('.', '/')}.py"


def mentions(text: str, module: str, modules: Iterable[str]) -> Iterator[str]:
    """Return the modules that the text of another one names.

    The whole text counts: its imports too, which does no harm, and names in a
    configuration that a test writes. A file name means a neighbour of the module.
    """
    known = set(modules)
    named = set(DOTTED.findall(text))
    for package, names in FROM.findall(text):
        named |= {package, *(f"{package}.{it}" for it in re.findall(r"\w+", names))}
    folder = module.rpartition(".")[0]
    named |= {f"{folder}.{it}" for it in FILE.findall(text)}
    for name in named:
        parts = name.split(".")
        prefixes = (".".join(parts[:length]) for length in range(len(parts), 1, -1))
        found = next((it for it in prefixes if it in known), None)
        if found not in {None, module}:
            yield str(found)


@dataclass(frozen=True)
class Imports:
    """All modules, and which others each one uses itself."""

    direct: dict[str, set[str]]
    """By the name of the module."""

    def used_by(self, *modules: str) -> set[str]:
        """Return modules with all that they use, directly or through others.

        `name.*` stands for a package with all its modules.
        """
        found: set[str] = set()
        waiting = [it for name in modules for it in self.matching(name)]
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                waiting += self.direct.get(module, ())
        return found

    def matching(self, name: str) -> list[str]:
        """Return the modules that a name of a table means."""
        package = name.removesuffix(".*")
        if package == name:
            return [name]
        return [
            it for it in self.direct if it == package or it.startswith(f"{package}.")
        ]


@cache
def read(root: Path) -> Imports:
    """Read the imports of the project."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    direct = {}
    for module in graph.modules:
        used = set(graph.find_modules_directly_imported_by(module))
        used |= set(_around(module)) & graph.modules
        file = root / path_of(module)
        if module.startswith("tests.") and file.exists():
            used |= set(mentions(file.read_text(), module, graph.modules))
        direct[module] = used
    return Imports(direct)


def _around(module: str) -> Iterator[str]:
    """Return what is loaded before a module: its packages, and pytest's conftests."""
    parts = module.split(".")
    for length in range(1, len(parts)):
        package = ".".join(parts[:length])
        yield package
        if package.startswith("tests") and parts[-1].startswith(("test_", "conftest")):
            yield f"{package}.conftest"
