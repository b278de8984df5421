"""A stand-in for the Java side of an error, as py4j hands it out."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from py4j.protocol import Py4JJavaError, Py4JNetworkError


@dataclass(slots=True)
class Throwable:
    """Answers what Java answers; with the message `dead` its JVM is gone."""

    message: str | None
    kind: str = "org.apache.spark.SparkException"
    cause: "Throwable | None" = None
    _target_id: str = "o1"
    _gateway_client: Any = field(default=None)

    def getClass(self) -> object:  # noqa: N802 - Java's name.
        return SimpleNamespace(getName=lambda: self.kind)

    def getMessage(self) -> str | None:  # noqa: N802 - Java's name.
        if self.message == "dead":
            raise Py4JNetworkError
        return self.message

    def getCause(self) -> "Throwable | None":  # noqa: N802 - Java's name.
        return self.cause


def raised(throwable: Throwable) -> Py4JJavaError:
    """Give what py4j raises for it."""
    return Py4JJavaError("An error occurred while calling o1.count.", throwable)
