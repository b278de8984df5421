"""The errors of the connector.

    ConnectorError
    ├── RefusedError           asked for something that is not allowed or not right
    ├── StartError             Java or Spark did not come up, or went away
    │   └── InterruptedStartError   given up by the user (also a KeyboardInterrupt)
    └── ConflictError          another session, or none, stands in the way

IPython shows each as its own words, without a traceback of ours.
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
    """Nothing was started, because of the problems, all of which it names.

    Parameters
    ----------
    problems
        At least one; shown in this order.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        lines = [
            f"No session was started: {counted(len(problems), 'problem')}.",
            *(problem.text for problem in problems),
        ]
        super().__init__("\n".join(lines), problems)


class StartError(ConnectorError):
    """Java or Spark did not come up, or went away.

    Parameters
    ----------
    problem
        What happened and what to do about it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.reason} {problem.remedy}".rstrip(), [problem])


class InterruptedStartError(StartError, KeyboardInterrupt):
    """The attempt was given up; its Java process and its files are gone."""

    def __init__(self) -> None:
        reason = "The connection attempt was cancelled; nothing of it is left running."
        remedy = "Run spark_connector.connect() to try again."
        super().__init__(Problem("connect()", None, reason, remedy))


class ConflictError(ConnectorError):
    """The call conflicts with the current session.

    Parameters
    ----------
    reason
        What stands in the way, one sentence.
    remedy
        The call to make first, one sentence.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy
