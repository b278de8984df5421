"""What a notebook server hands on to kernels and terminals of where it was started.

They have the kernels' environment as if it were activated, and the service's
not at all: `pip`, `uv` and `conda` of a notebook cannot reach it. Relative paths, which
mean another place in each folder, are left out.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from spark_connector.search_path import absolute_only

INSTALLERS = ("CONDA_", "PDM_", "PIP_", "POETRY_", "PYTHON", "UV_", "_CONDA_")
"""How variables of Python and its installers begin that name a place."""
ACTIVATION = (
    "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX",
    "CONDA_PROMPT_MODIFIER",
    "CONDA_SHLVL",
)
"""What conda sets for the environment that it has activated."""


def service_environment() -> Path | None:
    """Return the environment that this program is installed in.

    Returns
    -------
    Path or None
        ``None`` where it shares the system's Python, whose programs all need.
    """
    prefix = Path(sys.prefix)
    is_own = sys.prefix != sys.base_prefix or (prefix / "conda-meta").is_dir()
    return prefix if is_own else None


def inherited(
    environment: Mapping[str, str], kernels: Path, service: Path | None
) -> dict[str, str]:
    """Return the environment of a notebook server.

    Parameters
    ----------
    environment
        What the service was started with, and what JupyterHub adds.
    service
        The service's own, from `service_environment`.

    Returns
    -------
    dict of str to str
        With the kernels' programs first in ``PATH``, and without the service's.
    """
    kept = absolute_only(environment)
    if service is not None:
        kept = _without(kept, service)
    kept.pop("VIRTUAL_ENV_PROMPT", None)
    programs = (str(kernels / "bin"), kept.get("PATH", os.defpath))
    return {
        **kept,
        "PATH": os.pathsep.join(programs),
        "VIRTUAL_ENV": str(kernels),
    }


def _without(environment: Mapping[str, str], service: Path) -> dict[str, str]:
    """Take out whatever leads into the service's environment."""
    kept = {
        name: value
        for name, value in environment.items()
        if not (name.startswith(INSTALLERS) and _is_within(value, service))
    }
    if "CONDA_PREFIX" in environment and "CONDA_PREFIX" not in kept:
        kept = {name: value for name, value in kept.items() if name not in ACTIVATION}
    for name in ("PATH", "PYTHONPATH"):
        places = environment.get(name, "").split(os.pathsep)
        others = [it for it in places if it and not _is_within(it, service)]
        kept.pop(name, None)
        if others:
            kept[name] = os.pathsep.join(others)
    return kept


def _is_within(place: str, folder: Path) -> bool:
    """Return whether a path leads into a folder, be it through a symbolic link."""
    if not Path(place).is_absolute():
        return False
    # The interpreter of an environment is a link to one outside of it.
    names = (Path(os.path.normpath(place)), Path(place).resolve())
    return any(it.is_relative_to(top) for it in names for top in _names(folder))


def _names(folder: Path) -> tuple[Path, Path]:
    """Return a folder as it was named, and as it really is."""
    return folder, folder.resolve()
