import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree
from cygnet_hub.service import watch
from cygnet_hub.service.hub_client import BusyKernel
from cygnet_hub.service.watch import Outcome

BUSY = (BusyKernel("a.ipynb"), BusyKernel("b.ipynb"))


def never(_question: str) -> bool:
    raise AssertionError


def test_idle_kernels_are_ended_without_a_question() -> None:
    assert watch.confirm((), never) is Outcome.STOP


@pytest.mark.parametrize(("answer", "outcome"), [(True, Outcome.STOP), (False, None)])
def test_answer_decides(answer: bool, outcome: Outcome | None) -> None:  # noqa: FBT001 - A parameter of the test.
    assert watch.confirm(BUSY, lambda _: answer) is outcome


def test_question_names_every_notebook() -> None:
    assert "a.ipynb, b.ipynb" in watch.question(BUSY)
    assert watch.question(BUSY).startswith("2 kernels are busy")
    assert "not known" in watch.question(None)


def test_second_ctrl_c_is_a_yes() -> None:
    def interrupted(_question: str) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return False

    assert watch.confirm(BUSY, interrupted) is Outcome.STOP


@pytest.mark.parametrize("error", [EOFError, OSError])
def test_terminal_that_goes_away_leaves_everything_running(
    error: type[Exception],
) -> None:
    def lost(_question: str) -> bool:
        raise error

    assert watch.confirm(BUSY, lost) is Outcome.DETACHED


def test_proxy_that_died_before_the_first_look_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = SimpleNamespace(process=psutil.Process())
    looks = iter(([], [], [proxy]))
    seen = SimpleNamespace(of=lambda _: next(looks))
    monkeypatch.setattr(process_tree, "take", lambda _: seen)
    monkeypatch.setattr(watch, "_INTERVAL_SECONDS", 0.01)
    service: Any = SimpleNamespace(
        settings=SimpleNamespace(data=DataDirectory(tmp_path)), hub=None
    )
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if "back" in text:
            os.kill(os.getpid(), signal.SIGTERM)

    assert watch.watch(service, say, never) is Outcome.STOP
    assert said == [
        "The proxy died. The hub starts it again …",
        "The proxy is back.",
    ]
