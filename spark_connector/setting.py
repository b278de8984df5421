"""One Spark setting and where it came from."""

import re
from dataclasses import dataclass

# The same words as Spark's own `spark.redaction.regex`, and the S3 access keys.
_SECRET = re.compile(r"(?i)secret|password|passwd|token|credential|access[.]?key")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value, as one origin wants it."""

    key: str
    value: str
    origin: str
    """A file with its line, `connect()`, a variable, or `Cygnet`."""

    joint: str | None = None
    """What joins it with other values, where its origin says so and Spark does not."""

    @property
    def shown(self) -> str:
        """The value, or a placeholder where the key sounds like a secret."""
        return "(hidden)" if is_secret(self.key) else self.value


def is_secret(key: str) -> bool:
    """Return whether the value of a key must not be shown.

    Parameters
    ----------
    key
        A Spark key.

    Returns
    -------
    bool
        True where the key's name sounds like a secret.
    """
    return _SECRET.search(key) is not None
