from datetime import UTC, datetime, timedelta

from cygnet_hub.auth.id_token import Keys
from cygnet_hub.auth.jwks import MAX_AGE, PAUSE, KeySet

START = datetime(2026, 1, 1, tzinfo=UTC)


class Source:
    """A provider's keys, which change when it is told."""

    def __init__(self) -> None:
        self.kid = "first"
        self.asked = 0

    async def fetch(self) -> Keys:
        self.asked += 1
        return [{"kid": self.kid}]


async def test_keys_are_kept_while_they_are_young_and_known() -> None:
    source = Source()
    keys = KeySet(source.fetch)

    for seconds in range(0, 3600, 60):
        await keys.get("first", START + timedelta(seconds=seconds))

    assert source.asked == 1
    await keys.get("first", START + MAX_AGE)
    assert source.asked == 2


async def test_unknown_key_is_asked_for_at_once_then_seldom() -> None:
    source = Source()
    keys = KeySet(source.fetch)
    await keys.get("first", START)
    source.kid = "second"

    found = await keys.get("second", START + timedelta(seconds=1))

    assert found == [{"kid": "second"}]
    for seconds in range(2, 61):
        await keys.get("third", START + timedelta(seconds=seconds))
    assert source.asked == 2
    await keys.get("third", START + timedelta(seconds=1) + PAUSE)
    assert source.asked == 3
