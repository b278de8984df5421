"""One Spark setting and where it came from."""

import re
from dataclasses import dataclass

# The words of Spark's own `spark.redaction.regex` (4.3), and more of that kind.
_SECRET = re.compile(
    r"(?i)secret|password|token|access[.]?key|credential"
    r"|passwd|passphrase|passcode|(access|api|private|encryption|account)[._-]?key"
)
_HIDDEN = "(hidden)"
# `name=value` within a value, as in Java options, JAAS and URLs.
_PART = re.compile(
    # Only where a word begins: a long one would be looked at from each of its letters.
    r"""(?<![\w.\-])(?P<name>[\w.\-]+)(?P<sign>\s*[=:]\s*)"""
    r"""(?P<value>"[^"]*"|'[^']*'|[^\s,;&"']+)"""
)
_LOGIN = re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value, as one origin sets it."""

    key: str
    value: str
    origin: str
    """A file with its line, `connect()`, a variable, or `Cygnet`."""

    joint: str | None = None
    """What joins it with other values, where its origin says so and Spark does not."""

    @property
    def shown(self) -> str:
        """The value, with a placeholder for what sounds like a secret."""
        return _HIDDEN if is_secret(self.key) else redacted(self.value)


def redacted(text: str) -> str:
    """Return a value without what sounds like a secret.

    It is `-Ddb.password=(hidden)` for `-Ddb.password=x`. All of it is hidden where it
    has a word for a secret and no such part, as in Spark's own redaction.
    """

    def hide(part: re.Match[str]) -> str:
        if not is_secret(part["name"]):
            return part[0]
        return f"{part['name']}{part['sign']}{_HIDDEN}"

    text = _LOGIN.sub(_HIDDEN, text)
    shown = _PART.sub(hide, text)
    return _HIDDEN if shown == text and is_secret(text) else shown


def is_secret(key: str) -> bool:
    """Return whether a key sounds like a secret, whose value must not be shown."""
    return _SECRET.search(key) is not None
