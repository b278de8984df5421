"""A home gets the size of the settings where its storage class lets it."""

import asyncio
import logging
from typing import Any

import pytest
from cygnet_hub.kubernetes import home_claim
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.home_claim import Growth
from cygnet_hub.kubernetes.provision import prepare

from tests.support.kubernetes_api import FakeClient, refusal
from tests.support.pod_request import allowed, owner, site

HOME = "/api/v1/namespaces/cygnet-user-ada/persistentvolumeclaims/home"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
FAST: dict[str, Any] = {
    "metadata": {"name": "fast", "annotations": DEFAULT},
    "allowVolumeExpansion": True,
}
FIXED: dict[str, Any] = {"metadata": {"name": "fixed"}}


def claim(size: str = "10Gi", of: str = "fast", phase: str = "Bound") -> dict[str, Any]:
    names = {"name": "home", "namespace": "cygnet-user-ada", "resourceVersion": "7"}
    requests = {"requests": {"storage": size}}
    return {
        "metadata": names,
        "spec": {"storageClassName": of, "resources": requests},
        "status": {"phase": phase},
    }


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Give an API with a home in it; retries follow at once."""

    async def sleep(_seconds: float) -> None:
        return None

    monkeypatch.setattr(asyncio, "sleep", sleep)
    logging.getLogger("cygnet_hub").setLevel(logging.INFO)
    return FakeClient(
        {
            f"{CLASSES}/fast": FAST,
            f"{CLASSES}/fixed": FIXED,
            "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices": {},
            HOME: claim(),
        }
    )


async def start(api: FakeClient, size: str) -> None:
    """Do what comes before a server's pod."""
    settings = site(storage={"size": size})
    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))


@pytest.mark.parametrize(
    ("size", "found"),
    [("10Gi", None), ("10240Mi", None), ("20Gi", Growth("10Gi"))],
)
def test_home_grows_to_the_size_of_the_settings(
    size: str, found: Growth | None
) -> None:
    assert home_claim.growth(claim(), size, FAST) == found


@pytest.mark.parametrize(
    ("home", "size", "storage_class", "reason"),
    [
        (claim(), "5Gi", FAST, "never made smaller"),
        (claim(of="fixed"), "20Gi", FIXED, "class fixed has no allowVolumeExpansion"),
        (claim(of="gone"), "20Gi", None, "class gone has no allowVolumeExpansion"),
        (claim(phase="Pending"), "20Gi", FAST, "no volume yet"),
    ],
)
def test_home_that_keeps_its_size_has_a_reason(
    home: dict[str, Any], size: str, storage_class: dict[str, Any] | None, reason: str
) -> None:
    found = home_claim.growth(home, size, storage_class)

    assert found is not None
    assert not found.is_wanted
    assert reason in found.reason


async def test_start_enlarges_a_home_unless_it_was_changed_meanwhile(
    api: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    await start(api, "20Gi")

    assert api.objects[HOME] == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": claim()["metadata"],
        "spec": {"resources": {"requests": {"storage": "20Gi"}}},
    }
    assert (
        "Home asked to grow namespace=cygnet-user-ada from=10Gi to=20Gi" in caplog.text
    )


@pytest.mark.parametrize("size", ["10Gi", "5Gi"])
async def test_start_asks_for_nothing_where_nothing_can_grow(
    api: FakeClient, size: str, caplog: pytest.LogCaptureFixture
) -> None:
    await start(api, size)

    assert api.objects[HOME] == claim()
    assert ("Home keeps its size" in caplog.text) == (size == "5Gi")
    assert not [it for it in caplog.records if it.levelno > logging.INFO]


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (HOME, "only dynamically provisioned pvc can be resized"),
        (f"{CLASSES}/fast", "storageclasses is forbidden"),
        (f"{CLASSES}/fast", None),
    ],
)
async def test_refusal_or_outage_never_stops_a_start(
    api: FakeClient,
    refused: str,
    reason: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = refusal(403 if reason else 503, reason or "etcd is away")
    kept = api.refused_patches if refused == HOME else api.refused
    kept[refused] = error

    await start(api, "20Gi")

    assert api.objects[HOME] == claim()
    assert "Home keeps its size namespace=cygnet-user-ada has=10Gi" in caplog.text
    assert (reason or "etcd is away") in caplog.text


async def test_class_that_does_not_permit_it_is_named(
    api: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    api.objects[HOME] = claim(of="fixed")

    await start(api, "20Gi")

    assert api.objects[HOME] == claim(of="fixed")
    assert "config.storage.size=20Gi reason=the storage class fixed" in caplog.text


def test_home_whose_driver_did_not_enlarge_it_is_reported() -> None:
    asked = claim("20Gi")
    infeasible = {"type": "ControllerResizeError", "message": "not supported"}
    asked["status"] |= {"capacity": {"storage": "10Gi"}, "conditions": [infeasible]}

    found = home_claim.growth(asked, "20Gi", FAST)
    item = home_claim.judge([asked], [FAST], "20Gi", "")

    assert found is not None
    assert not found.is_wanted
    assert found.reason.endswith("(ControllerResizeError: not supported)")
    assert item.fact == "1 in all; asked to grow, and not grown yet: 1"
    asked["status"]["capacity"] = {"storage": "20Gi"}
    assert home_claim.growth(asked, "20Gi", FAST) is None


def test_preflight_says_which_homes_grow_and_which_cannot() -> None:
    classes = [FAST, FIXED]
    homes = [claim(), claim(), claim("30Gi"), claim("20Gi")]

    good = home_claim.judge(homes, classes, "20Gi", "")
    bad = home_claim.judge([*homes, claim(of="fixed")], classes, "20Gi", "fixed")
    none = home_claim.judge([], classes, "20Gi", "fixed")

    assert good.is_good
    assert good.fact == (
        "4 in all; to grow when the owner starts a server: 2; larger, and kept so: 1"
    )
    # The home works as it did, so nothing that was green turns red.
    assert bad.is_good
    assert bad.is_note
    assert not good.is_note
    assert "smaller, and not able to grow: 1" in bad.fact
    assert "allowVolumeExpansion (fixed)" in bad.consequence
    assert none.is_good
    assert none.fact.endswith("will not reach those that exist")
