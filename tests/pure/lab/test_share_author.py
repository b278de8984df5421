from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from cygnet_lab.share.answer import Published
from cygnet_lab.share.author import MOST, SEVERAL, authors
from cygnet_lab.share.client import Client
from cygnet_lab.share.marker import Base
from cygnet_share.tree import File, Tree
from typing_extensions import override

AT = datetime(2029, 3, 1, tzinfo=UTC)


def tree(**texts: str) -> Tree:
    return {path: File(len(it), (it,)) for path, it in texts.items()}


class Service(Client):
    """The service's versions, and which of them were asked for."""

    def __init__(self, trees: Mapping[int, Tree], names: Mapping[int, str]) -> None:
        super().__init__("http://service.invalid/", "token")
        self.trees, self.names = trees, names
        self.asked: list[int] = []

    @override
    async def snapshots(self, share: int) -> Sequence[Published]:
        found = sorted(self.names.items(), reverse=True)
        return [published(seq, by) for seq, by in found]

    @override
    async def tree(self, share: int, seq: int) -> Tree:
        self.asked.append(seq)
        return self.trees[seq]


def published(seq: int, by: str) -> Published:
    return Published(seq=seq, published_by=by, published_at=AT)


async def named(service: Service, before: int, after: int) -> list[tuple[str, str]]:
    first, last = (Base(it, service.trees[it]) for it in (before, after))
    try:
        found = await authors(service, 1, first, last, published(after, "zoe"))
    finally:
        await service.close()
    return [(it.path, it.by) for it in found]


async def test_one_change_is_of_who_has_published_it() -> None:
    service = Service({1: tree(a="1", b="1"), 2: tree(a="2", c="1")}, {})

    assert await named(service, 1, 2) == [("a", "zoe"), ("c", "zoe")]
    assert service.asked == []


async def test_each_file_is_of_who_has_changed_it_last() -> None:
    trees = {
        1: tree(a="1", b="1", c="1"),
        2: tree(a="2", b="2", c="1"),
        3: tree(a="3", b="2", c="1", gone="1"),
        4: tree(a="3", b="2", c="1"),
    }
    service = Service(trees, {1: "ann", 2: "bob", 3: "cid", 4: "dan"})

    assert await named(service, 1, 4) == [("a", "cid"), ("b", "bob")]


@pytest.mark.parametrize(("names", "by"), [("b", "b"), ("bc", SEVERAL)])
async def test_long_sleep_reads_no_more_than_two_versions(names: str, by: str) -> None:
    many = {f"{i:02}": "1" for i in range(MOST + 5)}
    trees = {seq: tree() for seq in range(1, 9)} | {9: tree(**many)}
    service = Service(trees, {i: names[i % len(names)] for i in range(1, 10)})

    found = await named(service, 1, 9)

    assert (len(found), {it for _, it in found}) == (MOST, {by})
    assert service.asked == []
