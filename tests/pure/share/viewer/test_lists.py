"""The pages of lists: shares, versions, changed files; names in them may attack."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cygnet_share.tree import EmptyFolder, File, Tree
from cygnet_share.tree_diff import compare
from cygnet_share.viewer import changes, shares, versions, when
from cygnet_share.viewer.page import Head, around
from cygnet_share.viewer.shares import Item
from cygnet_share.viewer.versions import Version
from markupsafe import Markup

from tests.support import shown
from tests.support.attack import snippets

SNIPPETS = list(snippets("http://thief.example:81"))
THEN = datetime(2026, 11, 28, 10, 41, tzinfo=UTC)


ITEM = Item(
    id=7,
    title="Week 1",
    owner="ann",
    is_mine=False,
    right="can view",
    head=3,
    files=2,
    bytes=2_000,
    changed_at=THEN,
)


def item(**fields: Any) -> Item:  # noqa: ANN401 - Of each type.
    return replace(ITEM, **fields)


def version(seq: int, name: str = "", note: str = "", by: str = "ann") -> Version:
    return Version(seq, THEN, by, 2, 2_000, note, name)


def page(body: Markup) -> bytes:
    return around(Head("Shares", "Shares"), body)


def text(body: Markup) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split())


def hrefs(body: Markup) -> list[str]:
    found = (it.attributes.get("href") for it in shown.nodes(page(body)))
    return [it for it in found if it and not it.startswith("#")]


def test_list_says_who_owns_what_and_leads_there() -> None:
    found = shares.body([item(), item(id=8, is_mine=True)], several=True)

    assert "Shared with me" in text(found)
    row = "Week 1 ann can view 2.0 kB in 2 files 28 November 2026, 10:41 UTC Versions"
    assert row in text(found)
    assert hrefs(found) == [
        "./view/7/3/",
        "./versions/7",
        "./view/8/3/",
        "./versions/8",
    ]


def test_own_share_says_whether_others_may_see_it() -> None:
    mine = item(is_mine=True, right="with others", head=0, changed_at=None)

    assert "Week 1 with others empty" in text(shares.body([mine], several=True))
    assert "Week 1 empty" in text(shares.body([mine], several=False))


def test_share_without_a_version_leads_nowhere() -> None:
    found = shares.body([item(head=0, changed_at=None)], several=True)

    assert "Week 1 ann can view empty nothing yet Versions" in text(found)
    assert hrefs(found) == ["./versions/7"]


def test_empty_list_teaches() -> None:
    assert "Nothing is shared with you yet." in text(shares.body([], several=True))
    assert "choose Share." in text(shares.body([], several=True))
    alone = text(shares.body([], several=False))
    assert "choose Keep versions." in alone
    assert "Shared with me" not in alone


def test_long_list_says_what_it_leaves_out() -> None:
    many = [item(id=it) for it in range(shares.SHOWN + 2)]

    assert "2 older ones are not shown." in text(shares.body(many, several=True))


def test_version_leads_to_itself_and_to_the_one_before() -> None:
    rows = [
        version(5, "Final"),
        version(3, note="Restored from version 1."),
        version(1),
    ]

    found = versions.body(7, rows, "../", is_cut=False)

    assert "Version 5 Final 28 November 2026, 10:41 UTC by ann . 2 files, 2.0 kB." in (
        text(found)
    )
    assert "Restored from version 1." in text(found)
    assert hrefs(found) == [
        *("../view/7/5/", "../view/7/5/", "../compare/7/3/5/"),
        *("../view/7/3/", "../view/7/3/", "../compare/7/1/3/"),
        *("../view/7/1/", "../view/7/1/"),
    ]


def test_cut_timeline_goes_on_elsewhere() -> None:
    found = versions.body(7, [version(3), version(2), version(1)], "../", is_cut=True)

    assert hrefs(found)[-1] == "./7?before=2"
    assert "../compare/7/1/2/" in hrefs(found)
    assert "Version 1 " not in text(found)
    assert "There is no version yet." in text(versions.body(7, [], "../", is_cut=False))


def test_changed_files_lead_to_what_has_changed_in_them() -> None:
    one, two = File(1, ("1" * 64,)), File(2_000, ("2" * 64,))
    before = {"a b/c#.txt": one, "old": two}
    after: Tree = {"a b/c#.txt": two, "new": two, "f": EmptyFolder()}

    found = changes.body(compare(before, after))

    assert "a b/c#.txt changed 1 byte → 2.0 kB" in text(found)
    assert "new moved from old 2.0 kB" in text(found)
    assert "f/ added empty folder" in text(found)
    assert hrefs(found) == ["./a%20b/c%23.txt", "./new"]
    assert "The two versions are the same." in text(changes.body([]))


def test_time_says_its_zone() -> None:
    there = datetime(2026, 1, 2, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert when.words(there) == "1 January 2026, 23:30 UTC"


@pytest.mark.parametrize(("name", "attack"), SNIPPETS, ids=str)
def test_names_that_attack_are_text(name: str, attack: str) -> None:
    del name
    path = attack.replace("/", "|")
    tree: Tree = {path: File(1, ("1" * 64,)), "x": EmptyFolder()}
    bodies = [
        shares.body([item(title=attack, owner=attack)], several=True),
        versions.body(
            7, [version(2, attack, attack, attack), version(1)], "./", is_cut=False
        ),
        changes.body(compare({}, tree)),
        changes.body(compare({path: tree[path]}, {"y": tree[path]})),
    ]

    for body in bodies:
        assert shown.dangers(page(body), "a") == []
