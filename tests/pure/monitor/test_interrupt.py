import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import FunctionType

import pytest

from spark_monitor import cells
from spark_monitor.cells import CellRun
from spark_monitor.interrupt import SENTENCE, Interrupts

RUN = CellRun("cell", "execution")


class Java:
    """A Java process whose call ends when the jobs of its cell are cancelled."""

    def __init__(self, *, has_jobs: bool = True) -> None:
        self.cancelled: SimpleQueue[CellRun] = SimpleQueue()
        self.has_jobs = has_jobs
        self._ended = threading.Event()

    def cancel(self, run: CellRun) -> int:
        self.cancelled.put(run)
        if self.has_jobs:
            self._ended.set()
        return 0

    def call(self) -> str:
        self._ended.wait(20)
        return "answer"

    def hang_up(self) -> bool:
        self._ended.set()
        return True


@pytest.fixture
def java() -> Java:
    return Java()


@pytest.fixture
def interrupts(java: Java) -> Iterator[Interrupts]:
    former = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    made = Interrupts(java.cancel)
    made.start()
    cells.enter(RUN)
    made.begin(RUN)
    yield made
    made.close()
    cells.enter(None)
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    signal.signal(signal.SIGINT, former)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def soon(action: Callable[[], None]) -> None:
    threading.Timer(0.1, action).start()


def struck(
    interrupts: Interrupts, java: Java, call: Callable[[], object]
) -> KeyboardInterrupt:
    with pytest.raises(KeyboardInterrupt) as raised, interrupts.call(java.hang_up):
        call()
    return raised.value


def test_interrupt_in_a_call_comes_when_java_has_answered(
    interrupts: Interrupts, java: Java
) -> None:
    answers: list[str] = []
    soon(press)

    error = struck(interrupts, java, lambda: answers.append(java.call()))

    assert answers == ["answer"]
    assert java.cancelled.get(timeout=5).interrupts == 1
    assert interrupts.sentence(error) == SENTENCE


def test_call_that_no_job_ends_is_interrupted_all_the_same(
    interrupts: Interrupts, java: Java
) -> None:
    java.has_jobs = False
    soon(press)
    began = time.monotonic()

    struck(interrupts, java, java.call)

    assert time.monotonic() - began < 5


def test_call_that_was_given_up_is_not_repeated(
    interrupts: Interrupts, java: Java
) -> None:
    java.has_jobs = False
    sent: list[str] = []

    def as_py4j() -> None:
        sent.append(java.call())
        with interrupts.call(java.hang_up):
            sent.append("again")

    soon(press)

    struck(interrupts, java, as_py4j)

    assert sent == ["answer"]


def test_second_interrupt_does_not_wait(interrupts: Interrupts, java: Java) -> None:
    java.has_jobs = False
    began = time.monotonic()

    def twice() -> None:
        press()
        press()
        java.call()

    struck(interrupts, java, twice)

    assert time.monotonic() - began < 0.5


def test_interrupt_between_calls_comes_at_once(
    interrupts: Interrupts, java: Java
) -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        press()

    assert java.cancelled.get(timeout=5) == RUN
    assert interrupts.sentence(raised.value) is None


def test_interrupt_while_a_thread_works_with_spark_is_reported(
    interrupts: Interrupts, java: Java
) -> None:
    entered = threading.Event()

    def work() -> None:
        cells.enter(RUN)
        with interrupts.call(java.hang_up):
            entered.set()
            java.call()

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(5)

    with pytest.raises(KeyboardInterrupt) as raised:
        press()

    assert interrupts.sentence(raised.value) == SENTENCE
    thread.join(5)


@pytest.mark.usefixtures("interrupts")
def test_what_the_cell_does_after_an_interrupt_is_not_cancelled(java: Java) -> None:
    with pytest.raises(KeyboardInterrupt):
        press()

    after = cells.current()

    assert after == RUN
    assert after is not None
    # Only what was submitted before has a smaller number.
    assert after.interrupts == java.cancelled.get(timeout=5).interrupts


def test_handler_of_a_cell_with_await_goes_on_working(java: Java) -> None:
    heard: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    interrupts = Interrupts(java.cancel)
    interrupts.begin(RUN)

    press()

    interrupts.close()
    assert heard == [signal.SIGINT]
    signal.signal(signal.SIGINT, former)


def test_error_that_an_interrupt_became_is_reported_as_one(
    interrupts: Interrupts,
) -> None:
    # As pyspark 4.3 does in `_load_from_socket`.
    text = "try: socket = press()\nfinally: socket.close()"
    pyspark = FunctionType(
        compile(text, "util.py", "exec"), {"__name__": "pyspark.util", "press": press}
    )

    with pytest.raises(NameError) as raised:
        pyspark()
    with pytest.raises(ValueError, match="mine") as other:
        raise ValueError(*["mine"]) from KeyboardInterrupt()

    assert interrupts.sentence(raised.value) == SENTENCE
    assert interrupts.sentence(other.value) is None
    assert interrupts.sentence(None) is None


def test_threads_that_are_not_interrupted_are_left_alone(java: Java) -> None:
    handler = signal.getsignal(signal.SIGINT)
    interrupts = Interrupts(java.cancel)
    thread = threading.Thread(target=interrupts.begin, args=(RUN,))

    thread.start()
    thread.join(5)

    assert signal.getsignal(signal.SIGINT) == handler
