"""Questions to a pod, answered from inside it by `tests.support.probe`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROBE = Path(__file__).with_name("probe.py")
PYTHON = "/opt/cygnet/lab/bin/python"

Question = tuple[str, dict[str, Any]]
"""A function of `tests.support.probe` and its arguments by name."""


def program(questions: Iterable[Question]) -> str:
    """Write the program that prints the answers as JSON, for a Python's input."""
    asked = json.dumps([list(it) for it in questions])
    return f"{PROBE.read_text()}\nprint(json.dumps(answers(json.loads({asked!r}))))\n"


@dataclass(frozen=True, slots=True)
class Pod:
    """A running pod that has Python."""

    kubectl: Callable[..., str]
    namespace: str
    name: str
    python: str = PYTHON

    def ask(self, *questions: Question) -> list[Any]:
        """Return the answers to some questions, in their order."""
        answer = self.kubectl(
            *("exec", "-i", "-n", self.namespace, self.name, "--", self.python, "-"),
            stdin=program(questions),
        )
        return list(json.loads(answer))

    def reach(self, host: str, port: int) -> str:
        """Return how an attempt to connect ends."""
        return str(self.ask(("reach", {"host": host, "port": port}))[0])

    def object(self) -> dict[str, Any]:
        """Return the pod as Kubernetes has it."""
        text = self.kubectl(
            *("get", "pod", "-n", self.namespace, self.name, "-o", "json")
        )
        return dict(json.loads(text))

    @property
    def ip(self) -> str:
        """The pod's address."""
        return str(self.object()["status"]["podIP"])
