"""Names of tests: as pytest gives them, and as the command line repeats them."""

import re
import shlex

SAFE = re.compile(r"[\w@%+=:,./-]+")
HARMLESS = re.compile(r"[^\"$`\\!\n]+")
"""What a shell takes as it is between double quotes."""


def bare(node_id: str) -> str:
    """Leave out the group that pytest-xdist appends to the id of a test.

    An `@` within the brackets of parameters stays.
    """
    if "::" in node_id and node_id.rfind("@") > node_id.rfind("]"):
        return node_id.rpartition("@")[0]
    return node_id


def file_of(node_id: str) -> str:
    """Return the file of a test, relative to the project."""
    return node_id.partition("::")[0]


def repetition(word: str) -> str:
    """Return the command that runs one test or lane again, for a shell.

    Three readers take quotes off in turn: that shell, make, which replaces `$`, and the
    shell that make starts.
    """
    inner = word
    if not SAFE.fullmatch(word):
        quotable = HARMLESS.fullmatch(word) is not None
        inner = f'"{word}"' if quotable else shlex.quote(word)
    return f"make test ARGS={shlex.quote(inner.replace('$', '$$'))}"
