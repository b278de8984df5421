"""Names of tests: as pytest gives them, and as the command line repeats them."""

import re
import shlex

SAFE = re.compile(r"[\w@%+=:,./-]+")
HARMLESS = re.compile(r"[^\"$`\\!\n]+")
"""What a shell takes as it is between double quotes."""


def bare(node_id: str) -> str:
    """Leave out the group that pytest-xdist appends to the id of a test.

    Parameters
    ----------
    node_id
        Such as `tests/hub/test_login.py::test_form@tests/hub/test_login.py`.

    Returns
    -------
    str
        The id without group; an `@` within the brackets of parameters stays.
    """
    if "::" in node_id and node_id.rfind("@") > node_id.rfind("]"):
        return node_id.rpartition("@")[0]
    return node_id


def file_of(node_id: str) -> str:
    """Give the file of a test, relative to the project."""
    return node_id.partition("::")[0]


def repetition(word: str) -> str:
    """Give the command that runs one test or lane again.

    Parameters
    ----------
    word
        A node id or the name of a lane.

    Returns
    -------
    str
        For a shell. Three readers take quotes off in turn: that shell, make, which
        replaces `$`, and the shell that make starts.
    """
    inner = word
    if not SAFE.fullmatch(word):
        quotable = HARMLESS.fullmatch(word) is not None
        inner = f'"{word}"' if quotable else shlex.quote(word)
    return f"make test ARGS={shlex.quote(inner.replace('$', '$$'))}"
