"""What somebody's executors may be, by groups, settings and servers."""

from typing import Any

from cygnet_hub.kubernetes import allowance
from cygnet_hub.kubernetes.settings import KubernetesSettings

from tests.support.pod_request import allowed, site

OTHERS = {"groups": ["others"]}


def shared(**more: Any) -> KubernetesSettings:  # noqa: ANN401 - Values of all kinds.
    """Give settings with something for everybody and something for others."""
    pods = {"type": "kubernetes"}
    return site(
        images=[
            {"name": "own", "label": "Own"},
            {"name": "other", "label": "Other", "image": "example.org/other", **OTHERS},
        ],
        clusters=[
            {"name": "plain", "label": "Plain", **pods},
            {
                "name": "wide",
                "label": "Wide",
                **pods,
                **OTHERS,
                "executorCores": 8,
                "executorMemory": "8g",
                "executorDisk": "50Gi",
                "maxExecutors": 10,
            },
        ],
        **more,
    )


def server(uid: str, phase: str = "Running", **spec: object) -> dict[str, Any]:
    return {"metadata": {"uid": uid}, "spec": spec, "status": {"phase": phase}}


def test_executors_are_what_the_persons_groups_may_have() -> None:
    own, others = allowed(shared()), allowed(shared(), "others")

    assert own.images == ("example.org/cygnet-user:0.1.0",)
    assert (own.cpu, own.memory_mib, own.disk) == (1, 3072, "10Gi")
    assert others.images == (*own.images, "example.org/other")
    assert (others.cpu, others.memory_mib, others.disk) == (8, 17408, "50Gi")


def test_who_may_have_no_executors_has_no_image_for_them() -> None:
    settings = site(clusters=[{"name": "local", "label": "L", "type": "local"}])
    found = allowance.annotations(allowed(settings), [server("1")])

    assert found[allowance.IMAGES] == ""
    assert found[allowance.CPU] == "0"
    assert allowed(settings).pods == 1 + settings.named_servers


def test_number_of_executors_is_in_the_quota() -> None:
    most = shared(quota={"pods": 1000}, namedServers=1)
    few = shared(quota={"pods": 1000, "executors": 3}, namedServers=1)

    # Two servers with eight sessions each, of so many executors.
    assert allowed(most).pods == 2 + 2 * 8 * 2
    assert allowed(most, "others").pods == 2 + 2 * 8 * 10
    assert allowed(few, "others").pods == 2 + 3
    assert allowed(shared(), "others").pods == 20


def test_disk_of_all_pods_is_bounded_by_their_number_unless_it_is_set() -> None:
    assert allowed(shared(quota={"pods": 4})).quota_disk == f"{40 * 1024}Mi"
    assert allowed(shared(quota={"pods": 4}), "others").quota_disk == f"{200 * 1024}Mi"
    assert allowed(shared(quota={"disk": "7Gi"})).quota_disk == "7Gi"


def test_servers_that_have_not_ended_own_executors() -> None:
    pods = [server("b"), server("a", "Pending"), server("c", "Failed")]
    found = allowance.annotations(allowed(site()), pods)

    assert found[allowance.SERVERS] == "a b"


def test_priority_class_is_the_one_that_kubernetes_gave() -> None:
    found = allowance.annotations(
        allowed(site()), [server("a", priorityClassName="default-of-the-cluster")]
    )

    assert found[allowance.CLASSES] == "default-of-the-cluster"


def test_note_is_of_the_annotations_alone() -> None:
    made = allowance.note("cygnet-user-ada", {"a": "b"})

    assert made["metadata"] == {"name": "cygnet-user-ada", "annotations": {"a": "b"}}
