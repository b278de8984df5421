import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from cygnet_share import account, administration, export, share, snapshot
from cygnet_share.errors import NoPersonError, NoShareError
from cygnet_share.right import Audience, Grant, Person, Right
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import EmptyFolder

from tests.support.share_place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path).with_share()


@pytest.fixture
def admin(place: Place) -> Person:
    return place.person("root")


def acts(place: Place, admin: Person) -> list[tuple[str, str, str]]:
    rows = administration.audit(place.database, admin, 0)
    return [(it.person, it.act, it.detail) for it in rows]


def read(place: Place, admin: Person, name: str) -> dict[str, bytes]:
    who = administration.find(place.database, name)
    what = export.collect(place.database, admin, who)
    data = b"".join(export.archive(what, place.chunks))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            it.name: file.read() if (file := archive.extractfile(it)) else b""
            for it in archive
        }


def test_share_of_an_account_that_has_gone_is_handed_over(
    place: Place, admin: Person
) -> None:
    bob = place.person("bob")
    given = Grant(Audience.USER, str(bob.id), Right.EDIT)
    share.grant(place.database, place.ann, place.share, given)
    account.note(place.database, [place.ann.id], [])

    administration.hand_over(place.database, admin, place.share, bob)

    assert [it.right for it in share.listed(place.database, bob)] == [Right.OWN]
    assert not share.detail(place.database, bob, place.share).grants
    assert share.listed(place.database, place.ann) == []
    detail = f"from person {place.ann.id} to person {bob.id}"
    assert ("root", "handover", detail) in acts(place, admin)


def test_share_that_has_ended_is_not_handed_over(place: Place, admin: Person) -> None:
    share.end(place.database, place.ann, place.share)

    with pytest.raises(NoShareError):
        administration.hand_over(place.database, admin, place.share, admin)


def test_people_who_had_a_name_after_each_other_are_kept_apart(
    place: Place, admin: Person
) -> None:
    other = place.person("ann", "2031")
    share.make(place.database, other, "Week 2", 10**9)

    found = administration.holdings(place.database, admin, "ann")

    assert [(it.title, it.owner.created) for it in found] == [
        ("Week 2", "2031"),
        ("Week 1", "2029"),
    ]
    newest = administration.find(place.database, "ann")
    first = administration.find(place.database, "ann", place.ann.id)
    assert (newest.id, first.id) == (other.id, place.ann.id)
    with pytest.raises(NoPersonError):
        administration.find(place.database, "bob", place.ann.id)
    assert b"Week 1" not in read(place, admin, "ann")["person.json"]


def test_export_has_the_newest_files_and_what_is_known(
    place: Place, admin: Person
) -> None:
    long = f"{'n' * 120}/{'ü' * 60}.csv"
    place.publish(long, place.send("text"))
    place.publish("old", place.send("old"))
    place.publish("old", place.send("new"))
    snapshot.publish(
        place.database,
        place.ann,
        place.share,
        place.head,
        {"empty": EmptyFolder()},
        limits=Limits(),
    )

    found = read(place, admin, "ann")

    kept: dict[str, Any] = json.loads(found.pop("person.json"))
    top = f"share {place.share}"
    assert found == {
        f"{top}/{long}": b"text",
        f"{top}/old": b"new",
        f"{top}/empty": b"",
    }
    assert [it["number"] for it in kept["shares"][0]["versions"]] == [1, 2, 3, 4]
    assert ("root", "export", f"person {place.ann.id}") in acts(place, admin)


def test_export_goes_on_where_a_file_is_damaged(place: Place, admin: Person) -> None:
    file = place.send("text")
    place.publish("a", file)
    place.publish("b", place.send("whole"))
    place.chunks.delete(*file.chunks)

    found = read(place, admin, "ann")

    assert found[f"share {place.share}/b"] == b"whole"
    assert json.loads(found["lost.json"]) == {"files": [f"share {place.share}/a"]}


def test_person_who_was_removed_has_left_nothing(place: Place, admin: Person) -> None:
    bob = place.person("bob")
    theirs = share.make(place.database, bob, "Week 2", 10**9)
    for owner, other, number in (
        (place.ann, bob, place.share),
        (bob, place.ann, theirs),
    ):
        given = Grant(Audience.USER, str(other.id), Right.EDIT)
        share.grant(place.database, owner, number, given)
    share.revoke(place.database, bob, theirs, Audience.USER, "ann")
    given = Grant(Audience.USER, str(place.ann.id), Right.EDIT)
    share.grant(place.database, bob, theirs, given)
    administration.holdings(place.database, admin, "ann")
    place.publish("a", place.send("text"))
    snapshot.name(place.database, place.ann, place.share, 1, "A name")
    changes = {"b": EmptyFolder()}
    snapshot.publish(place.database, place.ann, theirs, 0, changes, limits=Limits())

    who = administration.find(place.database, "ann")
    administration.remove(place.database, admin, who)

    with pytest.raises(NoPersonError):
        administration.find(place.database, "ann")
    assert [it.title for it in share.listed(place.database, bob)] == ["Week 2"]
    assert not share.detail(place.database, bob, theirs).grants
    record = json.dumps(acts(place, admin))
    assert not [it for it in ("ann", "Week 1", "A name") if it in record]
    again = place.person("ann")
    assert again.id != place.ann.id
    assert share.listed(place.database, again) == []


def test_removal_leaves_the_record_of_others_alone(place: Place, admin: Person) -> None:
    al, alice = (place.person(it) for it in ("al", "alice"))
    again = place.person("al", "2031")
    for it in (al, alice, again):
        given = Grant(Audience.USER, str(it.id), Right.VIEW)
        share.grant(place.database, place.ann, place.share, given)
    title = f"user al (person {al.id})"
    share.make(place.database, alice, title, 10**9)

    who = administration.find(place.database, "al", al.id)
    administration.remove(place.database, admin, who)

    found = [detail for _, act, detail in acts(place, admin) if act == "grant"]
    assert found == [
        "",
        f"view to user alice (person {alice.id}), without an end",
        f"view to user al (person {again.id}), without an end",
    ]
    assert ("alice", "share", title) in acts(place, admin)
