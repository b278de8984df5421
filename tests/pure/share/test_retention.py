from datetime import UTC, datetime, timedelta

from cygnet_share.retention import Kept, Retention, outdated
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = (timedelta(**{it: 1}) for it in ("minutes", "hours", "days"))


def kept(ages: list[timedelta], now: datetime = NOW) -> list[timedelta]:
    snapshots = [Kept(i, NOW - age) for i, age in enumerate(sorted(ages, reverse=True))]
    gone = {it.seq for it in outdated(snapshots, now, Retention())}
    return [NOW - it.published_at for it in snapshots if it.seq not in gone]


def test_every_one_of_a_day_is_kept_then_hours_then_days() -> None:
    fresh = [MINUTE * it for it in range(3)]
    assert kept(fresh) == sorted(fresh, reverse=True)

    hours = [2 * DAY + it * MINUTE for it in (1, 5, 70)]
    assert kept([MINUTE, *hours]) == [hours[2], hours[0], MINUTE]

    days = [10 * DAY + it * HOUR for it in (1, 5, 30)]
    assert kept([MINUTE, *days]) == [days[2], days[0], MINUTE]

    assert kept([MINUTE, 91 * DAY]) == [MINUTE]


def test_newest_and_pinned_ones_stay_for_ever() -> None:
    old = NOW - 1000 * DAY

    gone = list(
        outdated(
            [Kept(1, old, is_pinned=True), Kept(2, old), Kept(3, old)], NOW, Retention()
        )
    )

    assert [it.seq for it in gone] == [2]


AGES = st.lists(st.integers(0, 120 * 24 * 60).map(lambda it: it * MINUTE), max_size=30)


@given(AGES, st.integers(0, 120).map(lambda it: it * DAY))
def test_what_has_gone_is_not_missed_later(
    ages: list[timedelta], later: timedelta
) -> None:
    assert kept(kept(ages), NOW + later) == kept(ages, NOW + later)
