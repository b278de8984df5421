"""Pages of shares: the list, the versions, what has changed; with given texts."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from cygnet_share.tree import File, Tree
from cygnet_share.tree_diff import compare
from cygnet_share.viewer import changes, comparison, shares, versions
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import Head, Link, around
from cygnet_share.viewer.shares import Item
from cygnet_share.viewer.versions import Version

THEN = datetime(2026, 11, 28, 10, 41, tzinfo=UTC)
TITLES = ("Flight delays", "Week 1: first steps with Spark", "Results of November")


def sample() -> Iterator[tuple[str, bytes]]:
    """Give pages as people have them, by name."""
    home, share = Link("Shares", "../"), Link("Flight delays", "./7/12/")
    facts = "Nothing is downloaded and nothing runs here."
    head = Head("Shares", "Shares", facts=facts)
    items = [*_items(TITLES[:2], is_mine=False), *_items(TITLES[2:], is_mine=True)]
    yield "shares", around(head, shares.body(items, several=True))
    yield "shares-empty", around(head, shares.body([], several=True))
    facts = "A version never changes. Times are in UTC."
    head = Head("Versions", "Versions · Flight delays", [home, share], facts, "alice")
    yield "versions", around(head, versions.body(7, _versions(), "../", is_cut=True))
    facts = "What is different in version 12, compared with version 11."
    names = ("Versions", "View version 11", "View version 12")
    links = [Link(it, "../") for it in names]
    head = Head("Versions 11 and 12", "x", [home, share], facts, "alice", links)
    yield "changes", around(head, changes.body(compare(*_trees())))
    head = Head("delays.ipynb", "x", [home, share, links[0]], facts, "alice", links)
    older, newer = _notebooks()
    document = Document("delays.ipynb", newer)
    yield "comparison", around(head, comparison.render(older, document))


def hostile(texts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Give such pages in which all that another person writes is one of the texts."""
    head = Head("x", "x")
    yield (
        "shares",
        around(head, shares.body(_items(texts, is_mine=False), several=True)),
    )
    found = [Version(i, THEN, it, 1, 1, it, it) for i, it in enumerate(texts)]
    yield "versions", around(head, versions.body(7, found, "./", is_cut=False))
    paths = [it.replace("/", "|") for it in texts]
    tree: Tree = {it: File(i, (f"{i:064}",)) for i, it in enumerate(paths)}
    moved: Tree = {f"{it}2": entry for it, entry in tree.items()}
    listed = [*compare({}, tree), *compare(tree, {}), *compare(tree, moved)]
    yield "changes", around(head, changes.body(listed))
    whole = _notebook({f"c{i}": it for i, it in enumerate(texts)})
    for name, before, after in (("added", b"", whole), ("removed", whole, b"")):
        yield name, around(head, comparison.render(before, Document("a.ipynb", after)))
    changed = _notebook({f"c{i}": f"{it}\n{it}" for i, it in enumerate(texts)})
    yield (
        "changed",
        around(head, comparison.render(whole, Document("a.ipynb", changed))),
    )
    for name in ("a.md", "a.html"):
        data = "\n".join(texts).encode()
        yield name, around(head, comparison.render(b"x", Document(name, data)))


def _items(titles: Sequence[str], *, is_mine: bool) -> list[Item]:
    """Give shares with titles."""
    return [
        Item(
            id=i,
            title=it,
            owner=it if len(it) > 40 else "alice",
            is_mine=is_mine,
            right="with others" if is_mine else "can view",
            head=12,
            files=3 + i,
            bytes=10 ** (5 + i % 4),
            changed_at=THEN - timedelta(days=i),
        )
        for i, it in enumerate(titles)
    ]


def _versions() -> list[Version]:
    """Give versions with a name, with a note, and with neither."""
    notes = {12: "", 11: "Restored from version 8.", 9: ""}
    return [
        Version(
            seq,
            THEN - timedelta(hours=12 - seq),
            "alice" if seq % 2 else "bob",
            7,
            1_400_000,
            notes.get(seq, ""),
            "As handed in" if seq == 10 else "",
        )
        for seq in (12, 11, 10, 9, 8)
    ]


def _trees() -> tuple[Tree, Tree]:
    """Give two versions of a folder."""
    one, two, three = (File(size, (f"{size:064}",)) for size in (800, 52_000, 53_100))
    before: Tree = {"delays.ipynb": two, "data/old name.csv": one, "notes.txt": one}
    more = File(90_000, ("9" * 64,))
    after: Tree = {"delays.ipynb": three, "data/2026.csv": one, "plots/a.png": more}
    return before, after


def _notebooks() -> tuple[bytes, bytes]:
    """Give two versions of a notebook."""
    code = "import pandas as pd\n\nflights = pd.read_csv('2026.csv')\n"
    old = {
        "a": "# Flights",
        "b": f"{code}flights = flights[flights.delay > 0]\nflights.mean()",
        "c": "flights.plot()",
        "d": "# To do\n\n- more months",
        "e": "flights.describe()",
    }
    new = {
        "a": old["a"],
        "e": old["e"],
        "b": f"{code}late = flights[flights.delay > 15]\nlate.mean()\nlate.median()",
        "c": old["c"],
        "f": "late.groupby('month').size()",
    }
    return _notebook(old), _notebook(new)


def _notebook(sources: dict[str, str]) -> bytes:
    """Give a notebook with cells by id."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "markdown" if it.startswith("#") else "code",
            "id": key,
            "metadata": {},
            "source": it,
            **({} if it.startswith("#") else {"outputs": [], "execution_count": None}),
        }
        for key, it in sources.items()
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return json.dumps(whole).encode()
