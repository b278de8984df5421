import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from multiprocessing.pool import ThreadPool
from queue import SimpleQueue
from threading import Thread

import pytest
from typing_extensions import override

from spark_monitor import cells
from spark_monitor.cells import Carriers, CellRun

FIRST = CellRun("cell-1", "execution-1")
SECOND = CellRun("cell-2", "execution-2")


@pytest.fixture(autouse=True)
def carriers() -> Iterator[Carriers]:
    cells.enter(None)
    carriers = Carriers()
    yield carriers
    carriers.remove()
    cells.enter(None)


class Noting(Thread):
    """A thread whose `run` is its own."""

    seen: CellRun | None = None

    @override
    def run(self) -> None:
        self.seen = cells.current()


def seen_by_thread(make: Callable[[Callable[[], None]], Thread]) -> CellRun | None:
    seen: SimpleQueue[CellRun | None] = SimpleQueue()
    thread = make(lambda: seen.put(cells.current()))
    thread.start()
    thread.join()
    return seen.get_nowait()


def test_thread_belongs_to_the_cell_that_started_it() -> None:
    cells.enter(FIRST)

    assert seen_by_thread(lambda work: Thread(target=work)) == FIRST


def test_thread_of_no_cell_belongs_to_none() -> None:
    assert seen_by_thread(lambda work: Thread(target=work)) is None


def test_thread_that_starts_threads_hands_the_cell_on() -> None:
    cells.enter(FIRST)
    seen: list[CellRun | None] = []

    def outer() -> None:
        seen.append(seen_by_thread(lambda work: Thread(target=work)))

    thread = Thread(target=outer)
    thread.start()
    thread.join()

    assert seen == [FIRST]


def test_timer_belongs_to_the_cell_that_started_it() -> None:
    cells.enter(FIRST)

    assert seen_by_thread(lambda work: threading.Timer(0.0, work)) == FIRST


def test_own_run_method_is_carried() -> None:
    cells.enter(FIRST)
    thread = Noting()
    thread.start()
    thread.join()

    assert thread.seen == FIRST


def test_own_run_attribute_is_carried_and_kept() -> None:
    cells.enter(FIRST)
    seen: list[CellRun | None] = []

    def run() -> None:
        seen.append(cells.current())

    thread = Thread()
    vars(thread)["run"] = run
    thread.start()
    thread.join()

    assert seen == [FIRST]
    assert thread.run is run


def test_thread_sees_nothing_of_the_wrapper() -> None:
    cells.enter(FIRST)
    seen: list[bool] = []
    thread = Thread(target=lambda: seen.append("run" in vars(thread)))
    thread.start()
    thread.join()

    assert seen == [False]


def test_second_start_fails_as_ever() -> None:
    cells.enter(FIRST)
    thread = Noting()
    thread.start()
    thread.join()

    with pytest.raises(RuntimeError):
        thread.start()

    assert "run" not in vars(thread)


def test_starting_thread_is_not_moved() -> None:
    cells.enter(FIRST)
    seen_by_thread(lambda work: Thread(target=work))

    assert cells.current() == FIRST


def test_executor_work_belongs_to_who_submitted_it() -> None:
    cells.enter(FIRST)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cells.current).result()
        cells.enter(SECOND)
        second = pool.submit(cells.current).result()
        mapped = list(pool.map(lambda _: cells.current(), range(2)))
        cells.enter(None)
        unknown = pool.submit(cells.current).result()

    assert (first, second, unknown) == (FIRST, SECOND, None)
    assert mapped == [SECOND, SECOND]


def test_executor_passes_arguments_and_errors() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(divmod, 7, 2).result() == (3, 1)
        assert pool.submit(dict, fn=1, run=2).result() == {"fn": 1, "run": 2}
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()


def test_thread_pool_work_belongs_to_who_submitted_it() -> None:
    def look(_: int) -> CellRun | None:
        return cells.current()

    cells.enter(FIRST)
    with ThreadPool(1) as pool:
        cells.enter(SECOND)
        seen = {
            pool.apply(look, (0,)),
            pool.apply_async(func=look, args=(0,)).get(),
            *pool.map(look, [0]),
            *pool.starmap(look, [(0,)]),
            *pool.imap(look, [0]),
            *pool.imap_unordered(look, [0]),
        }

    assert seen == {SECOND}


def test_removed_wrappers_leave_nothing(carriers: Carriers) -> None:
    carriers.remove()
    cells.enter(FIRST)

    assert seen_by_thread(lambda work: Thread(target=work)) is None
    assert Thread.start.__module__ == "threading"
    assert ThreadPoolExecutor.submit.__module__ == "concurrent.futures.thread"
    assert "imap" not in vars(ThreadPool)


def test_somebody_elses_later_wrapper_stays(
    carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Thread.start

    def theirs(thread: Thread) -> None:
        ours(thread)

    monkeypatch.setattr(Thread, "start", theirs)
    carriers.remove()

    assert Thread.start is theirs
    monkeypatch.undo()
    carriers.remove()


def test_context_copy_keeps_its_cell() -> None:
    cells.enter(FIRST)
    context = copy_context()
    cells.enter(SECOND)

    assert context.run(cells.current) == FIRST


def request(**parts: object) -> dict[str, object]:
    header = {"msg_type": "execute_request", "msg_id": "execution-1"}
    return {"header": header, "metadata": {"cellId": "cell-1"}, **parts}


def test_request_names_cell_and_execution() -> None:
    assert cells.parse_run(request()) == FIRST


@pytest.mark.parametrize("cell_id", [None, "", 7, "x" * 129, ["cell-1"]])
def test_strange_cell_id_is_not_believed(cell_id: object) -> None:
    parsed = cells.parse_run(request(metadata={"cellId": cell_id}))

    assert parsed == CellRun(None, "execution-1")


@pytest.mark.parametrize(
    "message",
    [
        {},
        request(header={}),
        request(header={"msg_type": "comm_msg", "msg_id": "execution-1"}),
        request(header={"msg_type": "execute_request", "msg_id": 7}),
    ],
)
def test_other_request_belongs_to_no_cell(message: dict[str, object]) -> None:
    assert cells.parse_run(message) is None
