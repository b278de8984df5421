"""The errors of the connector.

    ConnectorError
    ├── RefusedError           the request has problems; nothing was started
    ├── StartError             Java or Spark did not start, or went away
    │   └── InterruptedStartError   cancelled by the user (also a KeyboardInterrupt)
    └── ConflictError          the call conflicts with the current session

IPython shows each as its own words, without a traceback.
"""

from collections.abc import Sequence

from spark_connector.problem import Problem
from spark_connector.text import counted


class ConnectorError(Exception):
    """The root of everything that the connector raises on purpose."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return str(self).splitlines()


class RefusedError(ConnectorError):
    """Nothing was started, because of problems: at least one, shown in their order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        lines = [
            f"No session was started: {counted(len(problems), 'problem')}.",
            *(problem.text for problem in problems),
        ]
        super().__init__("\n".join(lines), problems)


class StartError(ConnectorError):
    """Java or Spark did not start, or went away."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.reason} {problem.remedy}".rstrip(), [problem])


class InterruptedStartError(StartError, KeyboardInterrupt):
    """The attempt was cancelled; its Java process and its files are gone."""

    def __init__(self) -> None:
        reason = "The connection attempt was cancelled; nothing of it is left running."
        remedy = "Run spark_connector.connect() to try again."
        super().__init__(Problem("connect()", None, reason, remedy))


class ConflictError(ConnectorError):
    """The call conflicts with the current session.

    `remedy` names the call to make first.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy
