"""Who starts and ends the cluster's node, with one that only counts."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cluster.node import lease


@dataclass
class Node:
    """A node, the machine that it runs on, and what it is built of."""

    before: Path
    is_running: bool = False
    log: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    """What its end leaves behind."""

    def is_up(self) -> bool:
        return self.is_running

    def build(self) -> None:
        self.log.append("build")

    def up(self, *images: str) -> None:
        assert images
        self.log.append("up")
        self.is_running = True

    def down(self) -> None:
        self.is_running = False
        self.before.unlink(missing_ok=True)
        self.log.append("down")

    def look(self) -> set[str]:
        is_over = self.log.count("down") > 1
        return {"link lo", *self.left} if is_over else {"link lo"}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(tmp_path / "before.json")
    for part in ("node", "build", "trace"):
        monkeypatch.setattr(lease, part, node)
    for lock in ("USERS", "CHANGE"):
        monkeypatch.setattr(lease, lock, tmp_path / "cache" / lock)
    monkeypatch.setattr(lease, "BEFORE", node.before)
    return node


def test_first_starts_the_node_and_last_ends_it(node: Node) -> None:
    first, second = lease.leased(), lease.leased()

    with first:
        second.__enter__()
        assert node.log == ["build", "down", "up"]
    assert node.is_running
    second.__exit__(None, None, None)

    assert node.log == ["build", "down", "up", "down"]


def test_node_is_started_again_for_who_comes_after_its_end(node: Node) -> None:
    for _ in range(2):
        with lease.leased():
            assert node.is_running

    assert node.log.count("up") == 2


def test_node_that_ran_before_goes_on(node: Node) -> None:
    node.is_running = True

    with lease.leased():
        pass

    assert node.log == []
    assert node.is_running


def test_what_the_end_leaves_behind_is_an_error(node: Node) -> None:
    node.left = {"link cygnet0"}

    with pytest.raises(AssertionError), lease.leased():
        pass

    assert not node.is_running
