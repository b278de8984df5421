from datetime import UTC, datetime, timedelta

import pytest
from cygnet_share.right import Audience, Grant, Person, Right, Rules, right_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(microseconds=1)
ANN = Person(1, "ann", frozenset({"physics"}))


def granted(
    audience: Audience, principal: str, right: Right, expires: datetime | None = None
) -> Grant:
    return Grant(audience, principal, right, expires)


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([], None),
        ([granted(Audience.USER, "1", Right.VIEW)], Right.VIEW),
        ([granted(Audience.USER, "ann", Right.VIEW)], None),
        ([granted(Audience.USER, "2", Right.EDIT)], None),
        ([granted(Audience.GROUP, "physics", Right.EDIT)], Right.EDIT),
        ([granted(Audience.GROUP, "1", Right.EDIT)], None),
        ([granted(Audience.EVERYONE, "", Right.VIEW)], Right.VIEW),
        ([granted(Audience.USER, "1", Right.VIEW, NOW)], None),
        ([granted(Audience.USER, "1", Right.VIEW, LATER)], Right.VIEW),
        (
            [
                granted(Audience.EVERYONE, "", Right.VIEW),
                granted(Audience.USER, "1", Right.EDIT),
            ],
            Right.EDIT,
        ),
    ],
)
def test_right_is_the_highest_that_is_granted_now(
    grants: list[Grant], expected: Right | None
) -> None:
    assert right_of(ANN, Rules(9, grants), NOW) == expected


def test_owner_needs_no_grant_and_outlives_the_share_s_end() -> None:
    assert right_of(ANN, Rules(ANN.id, [], NOW), NOW) == Right.OWN


def test_share_that_has_ended_is_nobody_else_s() -> None:
    grants = [granted(Audience.EVERYONE, "", Right.EDIT)]

    assert right_of(ANN, Rules(9, grants, NOW), NOW) is None
    assert right_of(ANN, Rules(9, grants, LATER), NOW) == Right.EDIT


def test_share_whose_owner_is_gone_can_be_read_alone() -> None:
    grants = [granted(Audience.EVERYONE, "", Right.EDIT)]

    assert right_of(ANN, Rules(9, grants, is_read_only=True), NOW) == Right.VIEW
