import asyncio

import pytest
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.errors import KubernetesError, OutageError
from cygnet_hub.kubernetes.provision import prepare

from tests.support.kubernetes_api import FakeClient, refusal
from tests.support.pod_request import allowed, owner, site

CONFIG_MAP = "/api/v1/namespaces/cygnet-user-ada/configmaps/x"
LABELLED = {"metadata": {"labels": {"kubernetes.io/service-name": "kubernetes"}}}
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


@pytest.fixture
def api() -> FakeClient:
    return FakeClient(
        {SLICES: {"items": [{**LABELLED, "endpoints": [{"addresses": ["1.2.3.4"]}]}]}}
    )


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow at once."""

    async def sleep(_seconds: float) -> None:
        return None

    monkeypatch.setattr(asyncio, "sleep", sleep)


def config_map() -> dict[str, object]:
    return owner(site()).manifest("v1", "ConfigMap", "x", data={"a": "b"})


async def test_object_is_applied_at_its_place(api: FakeClient) -> None:
    await KubernetesApi(api).apply(config_map())

    assert api.log == [("PATCH", CONFIG_MAP)]


async def test_object_that_exists_is_left_as_it_is(api: FakeClient) -> None:
    api.objects[CONFIG_MAP] = {"data": {"a": "theirs"}}

    found = await KubernetesApi(api).ensure(config_map())

    assert found == {"data": {"a": "theirs"}}
    assert [method for method, _ in api.log] == ["GET"]


async def test_object_that_is_missing_is_made(api: FakeClient) -> None:
    await KubernetesApi(api).ensure(config_map())

    assert CONFIG_MAP in api.objects


async def test_short_outage_is_waited_out(api: FakeClient) -> None:
    api.away = 2

    await KubernetesApi(api).apply(config_map())

    assert CONFIG_MAP in api.objects


async def test_long_outage_is_reported(api: FakeClient) -> None:
    api.away = 3

    with pytest.raises(OutageError):
        await KubernetesApi(api).apply(config_map())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_api_in_trouble_counts_as_away(api: FakeClient, status: int) -> None:
    api.refused["/x"] = refusal(status, "etcdserver: request timed out")

    with pytest.raises(OutageError, match="etcdserver: request timed out"):
        await KubernetesApi(api).apply(config_map())
    assert len(api.log) == 3


async def test_refusal_has_the_words_of_the_api(api: FakeClient) -> None:
    api.refused["/x"] = refusal(403, "exceeded quota: cygnet")

    with pytest.raises(KubernetesError) as caught:
        await KubernetesApi(api).apply(config_map())
    assert (caught.value.status, caught.value.message) == (
        403,
        "exceeded quota: cygnet",
    )


async def test_pod_that_is_gone_is_deleted_well(api: FakeClient) -> None:
    await KubernetesApi(api).delete_pod("n", "p")

    assert api.log == [("DELETE", "/api/v1/namespaces/n/pods/p")]


async def test_address_of_the_api_is_found(api: FakeClient) -> None:
    assert await KubernetesApi(api).api_server() == ("1.2.3.4/32",)


async def test_policies_come_after_the_namespace_and_before_the_rest(
    api: FakeClient,
) -> None:
    settings = site()

    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))

    kinds = [path.split("/")[-2] for method, path in api.log if method != "GET"]
    policies = [i for i, it in enumerate(kinds) if it == "networkpolicies"]
    assert kinds[0] == "namespaces"
    assert policies == [1, 2, 3, 4]
    assert kinds.index("resourcequotas") > max(policies)


async def test_namespace_of_another_owner_is_not_taken(api: FakeClient) -> None:
    settings = site()
    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))
    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))
    known = dict(api.objects)

    with pytest.raises(KubernetesError, match="belongs to another user"):
        await prepare(
            KubernetesApi(api), owner(settings, "Ada"), settings, allowed(settings)
        )
    assert api.objects == known


async def test_namespace_of_an_older_version_is_taken(api: FakeClient) -> None:
    path = "/api/v1/namespaces/cygnet-user-ada"
    api.objects[path] = {"metadata": {"name": "cygnet-user-ada"}}
    settings = site()

    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))

    assert "'cygnet.org/user-name': 'ada'" in str(api.objects[path])


async def test_home_is_never_changed(api: FakeClient) -> None:
    settings = site()
    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))
    larger = site(storage={"size": "99Gi"})

    await prepare(KubernetesApi(api), owner(larger), larger, allowed(larger))

    home = "/api/v1/namespaces/cygnet-user-ada/persistentvolumeclaims/home"
    assert "10Gi" in str(api.objects[home])


async def test_api_that_may_not_be_looked_for_opens_nothing(
    api: FakeClient,
) -> None:
    api.refused["endpointslices"] = refusal(403, "forbidden")
    settings = site()

    await prepare(KubernetesApi(api), owner(settings), settings, allowed(settings))

    path = "/apis/networking.k8s.io/v1/namespaces/cygnet-user-ada/networkpolicies/"
    assert "'egress': []" in str(api.objects[f"{path}cygnet-server-spark"])


async def test_prepare_uses_no_more_than_a_few_requests(api: FakeClient) -> None:
    settings = site()

    await asyncio.wait_for(
        prepare(KubernetesApi(api), owner(settings), settings, allowed(settings)), 5
    )

    assert len(api.log) < 20
