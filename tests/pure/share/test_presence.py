from cygnet_share.presence import FRESH_SECONDS, MAX_SHARES, Presence
from cygnet_share.right import Person

ANN = Person(1, "ann", frozenset())
BOB = Person(2, "bob", frozenset())


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def names(presence: Presence, share: int) -> list[str]:
    return [it.name for it in presence.of(share)]


def test_presence_is_forgotten_unless_it_is_said_again() -> None:
    clock = Clock()
    presence = Presence(clock)
    presence.say(ANN, 7, ["a", "b"])
    presence.say(BOB, 7, ["a"])
    since = presence.of(7)[0].since
    mark = presence.mark

    clock.now = FRESH_SECONDS - 1
    assert not presence.say(ANN, 7, ["b", "a"]), "nothing new"
    assert not presence.since(mark)
    clock.now = FRESH_SECONDS + 1

    assert names(presence, 7) == ["ann"]
    assert presence.of(7)[0].since == since
    assert [it.name for it in presence.since(mark)[7]] == ["ann"]


def test_empty_list_leaves() -> None:
    presence = Presence()
    assert presence.say(ANN, 7, ["a"])
    mark = presence.mark

    assert presence.say(ANN, 7, [])
    assert not presence.say(ANN, 7, [])
    assert presence.since(mark) == {7: []}


def test_person_is_in_some_shares_at_once_and_no_more() -> None:
    presence = Presence()
    presence.say(BOB, 0, ["b"])
    for share in range(MAX_SHARES + 3):
        presence.say(ANN, share, ["a"])

    assert [names(presence, it) for it in range(4)] == [["bob"], [], [], ["ann"]]
    assert sum("ann" in names(presence, it) for it in range(100)) == MAX_SHARES


def test_marks_of_a_service_that_starts_again_are_larger() -> None:
    before = Presence()
    for share in range(5):
        before.say(ANN, share, ["a"])

    assert Presence().first > before.first


def test_question_about_many_shares_goes_through_all_once() -> None:
    presence = Presence()
    presence.say(BOB, 3, ["b"])
    for share in range(MAX_SHARES):
        presence.say(ANN, share, ["a"])

    found = presence.since(0)

    assert len(found) == MAX_SHARES
    assert {it: found[it] for it in range(5)} == {
        it: presence.of(it) for it in range(5)
    }
