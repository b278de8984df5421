"""The machine's capacity, and how much of it one user may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capacity:
    """Upper limits for a session on this machine."""

    cores: int
    """Cores that this process may run on."""

    memory: int
    """Bytes of memory, the container's limit where there is one."""

    cores_limit: int | None = None
    """The form's limit for Spark, if any."""

    memory_limit: str | None = None
    """The form's limit for Spark, such as `2g`, if any."""
