"""The channel in a real kernel, without Spark."""

from collections.abc import Iterator

import pytest

from spark_monitor.channel import Channel
from tests.support.kernel import RunningKernel
from tests.support.source import ROOT

ECHO = """
from spark_monitor.channel import Channel
import threading
def answer(message):
    channel.publish({"echo": message, "thread": threading.current_thread().name})
channel = Channel("test-channel", answer)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    directory = tmp_path_factory.mktemp("channel")
    with RunningKernel(
        directory, extensions=(), environment={"PYTHONPATH": str(ROOT)}
    ) as running:
        assert running.execute(ECHO).is_ok
        yield running


def echo(kernel: RunningKernel, word: str, after: int = 0) -> dict[str, object]:
    kernel.send_comm("test-channel", {"word": word})
    return kernel.wait_for_comm(
        "test-channel", lambda it: it.get("echo") == {"word": word}, after=after
    )


def test_channel_without_a_kernel_is_silent() -> None:
    channel = Channel("test-channel", lambda _: None)

    channel.publish({"type": "nothing"})
    channel.close()
    channel.close()
    channel.publish({"type": "nothing"})


def test_page_needs_no_comm_open(kernel: RunningKernel) -> None:
    assert echo(kernel, "first")["echo"] == {"word": "first"}
    opened = [it for it in kernel.messages if it["msg_type"] == "comm_open"]
    assert opened == []


def test_message_belongs_to_no_cell(kernel: RunningKernel) -> None:
    kernel.execute("channel.publish({'from': 'a cell'})")

    message = kernel.wait_for(
        lambda it: (
            it["msg_type"] == "comm_msg" and it["content"]["data"] == {"from": "a cell"}
        )
    )
    assert message["parent_header"] == {}


def test_any_thread_may_publish(kernel: RunningKernel) -> None:
    kernel.execute(
        "publish = lambda number: channel.publish({'number': number})\n"
        "threads = [threading.Thread(target=publish, args=(n,)) for n in range(20)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "publish('last')"
    )

    kernel.wait_for_comm("test-channel", lambda it: it.get("number") == "last")
    numbers = [it.get("number") for it in kernel.comm_data("test-channel")]
    assert set(range(20)) <= set(numbers)


def test_message_is_answered_while_a_cell_runs(kernel: RunningKernel) -> None:
    execution = kernel.submit("gate = threading.Event(); gate.wait(60)")
    kernel.wait_for(
        lambda it: (
            it["msg_type"] == "execute_input"
            and it["parent_header"].get("msg_id") == execution
        )
    )
    # A cell that publishes must not draw the page's messages to its own busy shell.
    answer = echo(kernel, "busy")
    again = echo(kernel, "busy again")

    assert answer["thread"] == again["thread"] != "MainThread"
    assert kernel.outcome(execution).status == "pending"
    kernel.interrupt()
    kernel.wait(execution)


def test_failing_handler_leaves_the_channel(kernel: RunningKernel) -> None:
    kernel.execute(
        "def answer_badly(message):\n"
        "    raise ValueError(message)\n"
        "bad = Channel('bad-channel', answer_badly)"
    )
    kernel.send_comm("bad-channel", {"word": "fail"})

    assert echo(kernel, "after a failure")
    kernel.execute("bad.close()")


def test_message_does_not_flush_the_figures_of_a_cell(kernel: RunningKernel) -> None:
    kernel.execute(
        "flushed = []\n"
        "get_ipython().events.register('post_execute', lambda: flushed.append("
        "threading.current_thread().name))"
    )
    echo(kernel, "figures")

    outcome = kernel.execute("print({*flushed})")
    assert outcome.stdout.strip() == "{'MainThread'}"


def test_page_that_closes_its_end_ends_nobody_elses(kernel: RunningKernel) -> None:
    kernel.execute(
        "comms = get_ipython().kernel.comm_manager\n"
        "comms.comm_close(None, None, {'content': {'comm_id': 'test-channel'}})"
    )

    assert echo(kernel, "after a close")


def test_second_channel_takes_the_place_of_the_first(kernel: RunningKernel) -> None:
    kernel.execute(f"old = channel\n{ECHO}\nold.close()\nold.publish({{'old': 1}})")

    assert echo(kernel, "after replacing")
    assert not any("old" in it for it in kernel.comm_data("test-channel"))


def test_closed_channel_neither_hears_nor_speaks(kernel: RunningKernel) -> None:
    kernel.execute("channel.close(); channel.publish({'late': 1})")
    kernel.send_comm("test-channel", {"word": "too late"})
    kernel.execute("1 + 1")

    data = kernel.comm_data("test-channel")
    assert not any(
        "late" in it or it.get("echo") == {"word": "too late"} for it in data
    )
    kinds = {it["msg_type"] for it in kernel.messages}
    assert "comm_close" not in kinds
    kernel.execute(ECHO)
