from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share import share, snapshot, working_copy
from cygnet_share.errors import MissingError
from cygnet_share.right import Audience, Grant, Right
from cygnet_share.sweep import CONDEMNED
from cygnet_share.working_copy import WorkingCopy

from tests.support.share_place import Place

DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path).with_share()


def test_what_only_an_outdated_snapshot_held_goes(place: Place) -> None:
    old, new = place.send("old"), place.send("new")
    place.publish("a/b", old)
    place.now += timedelta(minutes=1)
    place.publish("a/b", new)
    assert place.folders() == 4

    place.sweep_after(DAY - timedelta(minutes=1))
    place.sweep_after(CONDEMNED + timedelta(seconds=1))
    assert len(list(place.chunks.names())) == 2, "condemned, and not removed yet"
    place.sweep_after(2 * CONDEMNED)

    assert list(place.chunks.names()) == list(new.chunks)
    assert place.folders() == 2
    found = snapshot.tree(place.database, place.ann, place.share, 2)
    assert found == {"a/b": new}


def test_what_a_working_copy_was_made_of_stays(place: Place) -> None:
    old, new = place.send("old"), place.send("new")
    place.publish("a", old)
    copy = WorkingCopy(place.share, "Week 1", 1)
    working_copy.remember(place.database, place.ann, copy)
    place.publish("a", new)

    for _ in range(3):
        place.sweep_after(100 * DAY)

    assert snapshot.tree(place.database, place.ann, place.share, 1) == {"a": old}
    assert place.chunks.get(*old.chunks) == b"old"


@pytest.mark.parametrize("right", [None, Right.VIEW, Right.EDIT])
def test_copy_of_someone_who_may_not_edit_keeps_no_old_version(
    place: Place, right: Right | None
) -> None:
    bob = place.person("bob")
    given = Grant(Audience.USER, str(bob.id), right or Right.EDIT)
    share.grant(place.database, place.ann, place.share, given)
    for number in range(6):
        place.publish("a", place.send(str(number)))
    for base in (1, 2, 3, 4, 5, 7):
        place.now += timedelta(minutes=1)
        copy = WorkingCopy(place.share, f"Week {base}", base)
        working_copy.remember(place.database, bob, copy)
    place.publish("a", place.send("newest"))
    if right is None:
        args = (place.share, Audience.USER, "bob")
        share.revoke(place.database, place.ann, *args)

    place.sweep_after(100 * DAY)

    listed = snapshot.snapshots(place.database, place.ann, place.share)
    # Three folders of one person count; version 7 was none when it was named.
    expected = [7, 5, 4] if right is Right.EDIT else [7]
    assert [it.seq for it in listed] == expected


def test_chunk_that_is_sent_or_named_again_is_spared(place: Place) -> None:
    sent, named = place.send("sent"), place.send("named")
    place.sweep_after(DAY)

    place.send("sent")
    snapshot.missing(place.database, place.ann, place.share, named.chunks)
    place.sweep_after(CONDEMNED - timedelta(seconds=1))
    place.publish("a", sent)
    place.publish("b", named)
    place.sweep_after(2 * CONDEMNED)

    assert set(place.chunks.names()) == {*sent.chunks, *named.chunks}


def test_chunk_that_was_removed_has_to_be_sent_again(place: Place) -> None:
    file = place.send("text")
    place.sweep_after(DAY)
    place.sweep_after(2 * CONDEMNED)
    assert not list(place.chunks.names())

    with pytest.raises(MissingError):
        place.publish("a", file)


def test_share_that_has_ended_frees_its_chunks(place: Place) -> None:
    place.publish("a", place.send("text"))
    share.end(place.database, place.ann, place.share)

    place.sweep_after(DAY)
    place.sweep_after(2 * CONDEMNED)

    assert not list(place.chunks.names())
    assert place.folders() == 0
