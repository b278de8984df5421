"""Which modules beside a notebook a cell asked for and did not get.

What is installed comes first, so a file `yaml.py` beside a notebook is never what
`import yaml` gives. Whoever wrote that file should hear of it. Pure but for looking
whether files exist.
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
    """A module beside a notebook that another one of its name hides."""

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
    """Return the top-level modules that a cell imports.

    Parameters
    ----------
    source
        Python, without magics.

    Returns
    -------
    tuple of str
        Each once; none for what is no Python.
    """
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
    """Return those modules beside a notebook that installed ones hide.

    Parameters
    ----------
    names
        Modules that were asked for.
    folder
        The notebook's folder.
    modules
        What has been imported, such as `sys.modules`.

    Returns
    -------
    list of HiddenModule
        In the order of the names.
    """
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
    # Not pathlib's, which raises where nobody may look.
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113


def _is_same(one: Path, other: Path) -> bool:
    return os.path.exists(one) and one.samefile(other)  # noqa: PTH110
