"""What the probe makes of answers of the API, long ones and refusals."""

from typing import Any

import pytest
from cygnet_hub.kubernetes import preflight_probe
from cygnet_hub.kubernetes.preflight_probe import Reply

from tests.support.pod_request import site

FORBIDDEN: Reply = (403, {"message": "pods is forbidden"})
CLASSES: Reply = (200, {"items": [{"metadata": {"name": "fast"}}]})
NONE: Reply = (200, {"items": []})


def pods(first: int, last: int) -> list[dict[str, Any]]:
    return [{"status": {"podIPs": [{"ip": f"10.0.{n}.1"}]}} for n in range(first, last)]


def listing(monkeypatch: pytest.MonkeyPatch, *pages: Reply) -> list[str]:
    """Have the API answer with pages of pods, and nothing else; give what was asked."""
    asked: list[str] = []
    left = list(pages)

    def ask(path: str, _body: object = None) -> Reply:
        if path.startswith("/api/v1/pods"):
            asked.append(path)
            return left.pop(0)
        return NONE

    monkeypatch.setattr(preflight_probe, "ask", ask)
    return asked


def test_each_page_of_pods_is_read_before_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more: dict[str, object] = {
        "items": pods(0, 2),
        "metadata": {"continue": "a b"},
    }
    asked = listing(monkeypatch, (200, more), (200, {"items": pods(2, 3)}))

    found = preflight_probe.everything("/api/v1/pods")

    assert [next(found), next(found)] == pods(0, 2)
    assert len(asked) == 1
    assert list(found) == pods(2, 3)
    assert asked[1].endswith("&continue=a%20b")


def test_blocks_are_compared_with_the_pods_of_all_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more: dict[str, object] = {"items": pods(0, 2), "metadata": {"continue": "x"}}
    settings = site(network={"allowed": ["10.0.0.0/16"]})

    listing(monkeypatch, (200, more), (200, {"items": pods(2, 3)}))
    (seen,) = preflight_probe.allowed_blocks(settings)
    listing(monkeypatch, (200, more), FORBIDDEN)
    (unseen,) = preflight_probe.allowed_blocks(settings)

    assert "10.0.0.1, 10.0.1.1 and 1 more" in seen.fact
    assert unseen.is_note
    assert unseen.fact == "could not be looked up (403 pods is forbidden)"


def test_what_may_not_be_seen_is_noted_and_not_judged() -> None:
    settings = site(storage={"size": "20Gi", "storageClass": "fast"})

    both = [*preflight_probe.volumes(settings, CLASSES, NONE)]
    homes = [*preflight_probe.volumes(settings, CLASSES, FORBIDDEN)]
    classes = [*preflight_probe.volumes(settings, FORBIDDEN, NONE)]

    assert not any("could not be looked up" in it.fact for it in both)
    assert [it.is_note for it in homes] == [False, True]
    assert [it.name for it in classes] == ["storage classes"]
    assert classes[0].is_note
    assert all(it.is_good for it in (*both, *homes, *classes))
