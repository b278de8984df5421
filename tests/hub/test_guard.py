"""The guard of the lane sees what a test leaves in a hub that is shared."""

import pytest

from tests.support import guard
from tests.support.hub import RunningHub


def test_user_and_server_that_a_test_leaves_are_seen(
    cluster_hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PATIENCE_S", 0.0)
    before = guard.take()
    assert guard.left(before) == []

    choice = {"image": "standard", "size": "small", "cluster": "local"}
    cluster_hub.call("POST", "/users/zoe").raise_for_status()
    cluster_hub.call("POST", "/users/zoe/server", choice).raise_for_status()

    assert guard.left(before) == ["running server “” of zoe", "user zoe"]
