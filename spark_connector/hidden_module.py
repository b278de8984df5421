"""Finds modules next to a notebook that installed modules of the same name hide.

Installed modules come first, so `import yaml` never loads a file `yaml.py` next to the
notebook, and the author of that file should learn of it. Pure but for looking whether
files exist.
"""

import ast
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True, slots=True)
class HiddenModule:
    """A module next to a notebook, hidden by an installed one of its name."""

    name: str
    """The module's name."""

    file: Path
    """What lies beside the notebook."""

    origin: str
    """Where the module comes from that was imported."""

    @property
    def text(self) -> str:
        """The fact and the remedy, one line."""
        return (
            f"'{self.name}' is the installed module ({self.origin}), not "
            f"{self.file.name} next to this notebook. Rename your own."
        )


def imported_modules(source: str) -> tuple[str, ...]:
    """Return the top-level modules that a cell imports, each once."""
    try:
        # What Python has to say of the cell it says where the cell is compiled.
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return tuple(dict.fromkeys(name.partition(".")[0] for name in names))


def hidden_modules(
    names: tuple[str, ...], folder: Path, modules: Mapping[str, ModuleType]
) -> list[HiddenModule]:
    """Return the modules of a notebook's folder that loaded ones hide, in order."""
    found: list[HiddenModule] = []
    for name in names:
        file = _beside(folder, name)
        if file is None or name not in modules:
            continue
        origin = getattr(modules[name], "__file__", None) or "a part of Python"
        if not _is_same(Path(origin), file):
            shown = file.parent if file.name == "__init__.py" else file
            found.append(HiddenModule(name, shown, origin))
    return found


def _beside(folder: Path, name: str) -> Path | None:
    files = (folder / name / "__init__.py", folder / f"{name}.py")
    # Not pathlib's, which raises where access is denied.
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113


def _is_same(one: Path, other: Path) -> bool:
    return os.path.exists(one) and one.samefile(other)  # noqa: PTH110
