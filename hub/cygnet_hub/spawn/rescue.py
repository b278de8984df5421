"""Decides what of a user's own a server sees, and where a reset moves the rest.

A broken file in a home directory can keep a server from starting, and then its owner
cannot get to the file. A rescue start leaves all of that out; a reset moves it aside.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from cygnet_hub.spawn.problem import FieldProblem, shortened

FIELD = "start"
"""The field of the form, which is never remembered."""
MOVED = (
    ".jupyter",
    ".ipython",
    ".local/share/jupyter",
    ".local/share/cygnet",
    ".local/lib",
)
"""What a reset moves, relative to a home directory of the service's alone."""


class Start(StrEnum):
    """What a server sees of its owner's settings, packages and kernels."""

    USUAL = "usual"
    """All of it."""
    RESCUE = "rescue"
    """Nothing, for this time."""
    RESET = "reset"
    """Nothing, as it is moved aside before."""


def read(form: Mapping[str, Sequence[str]]) -> Start | FieldProblem:
    """Read the field.

    Parameters
    ----------
    form
        The values of each field, perhaps without this one.

    Returns
    -------
    Start or FieldProblem
        The usual start where nothing is given.
    """
    value = (form.get(FIELD) or (Start.USUAL,))[-1].strip()
    if value in set(Start):
        return Start(value)
    reason = f"“{shortened(value)}” is not a way to start"
    return FieldProblem(FIELD, reason, f"choose one of {', '.join(Start)}")


def environment(start: Start, place: str) -> dict[str, str]:
    """Return variables that lead a server and its kernels past what is broken.

    Parameters
    ----------
    place
        A directory for what they write meanwhile; it need not exist.

    Returns
    -------
    dict of str to str
        Of Jupyter, IPython and Python; empty for other starts.
    """
    if start is not Start.RESCUE:
        return {}
    config = f"{place}/config"
    return {
        "IPYTHONDIR": f"{place}/ipython",
        "JUPYTERLAB_SETTINGS_DIR": f"{config}/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": f"{config}/lab/workspaces",
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_CONFIG_PATH": "",
        "JUPYTER_DATA_DIR": f"{place}/data",
        "PYTHONNOUSERSITE": "1",
    }
