from typing import Any

from cygnet_hub.kubernetes import orphan
from cygnet_hub.kubernetes.orphan import PodName

from tests.support.pod_request import site

ADA, BOB = PodName("cygnet-user-ada", "server-ada"), PodName("x", "server-bob")


def pod(name: PodName, **metadata: str) -> dict[str, object]:
    place = {"namespace": name.namespace, "name": name.name}
    return {"metadata": {**place, **metadata}}


def test_pod_of_no_server_is_a_stranger() -> None:
    assert orphan.strangers([pod(ADA), pod(BOB)], {ADA}) == (BOB,)


def test_pod_that_is_being_deleted_is_left_alone() -> None:
    assert orphan.strangers([pod(BOB, deletionTimestamp="now")], set()) == ()


def test_same_name_in_another_namespace_is_a_stranger() -> None:
    twin = PodName("elsewhere", ADA.name)

    assert orphan.strangers([pod(twin)], {ADA}) == (twin,)


def test_server_says_which_pod_it_has() -> None:
    state = {"namespace": ADA.namespace, "pod_name": ADA.name}

    assert orphan.of_state(state) == ADA
    assert orphan.of_state({}) is None


def test_only_servers_of_this_release_are_looked_for() -> None:
    selected = orphan.selector(site().release)

    assert selected == (
        "cygnet.org/release=hub.cygnet,app.kubernetes.io/component=server"
    )


def executor(
    owner: str = "", place: str = "x", **metadata: object
) -> dict[str, object]:
    """Give an executor with an owner."""
    owners = [{"kind": "Pod", "uid": owner}] if owner else []
    found = {"namespace": place, "name": "exec-1", "ownerReferences": owners}
    return {"metadata": {**found, **metadata}}


def orphans(pod: dict[str, object], phase: str = "Running") -> int:
    """Count the executors without a server, in a release's namespace `x`."""
    server = {"metadata": {"uid": "1"}, "status": {"phase": phase}}
    return len(orphan.orphans([pod], [server], {"x"}))


def test_executor_of_a_server_that_runs_is_no_orphan() -> None:
    assert orphans(executor("1")) == 0
    assert orphans(executor("1"), "Failed") == 1
    assert orphans(executor("2")) == 1
    assert orphans(executor()) == 1


def test_executor_of_another_release_is_left_alone() -> None:
    assert orphans(executor(place="y")) == 0


def test_orphan_that_ends_within_a_minute_is_left_alone() -> None:
    ending: dict[str, Any] = {
        "deletionTimestamp": "now",
        "deletionGracePeriodSeconds": 30,
    }
    year = {**ending, "deletionGracePeriodSeconds": 31536000}

    assert orphans(executor(**ending)) == 0
    assert orphans(executor(**year)) == 1
    assert orphans(executor(**ending, finalizers=["example.org/never"])) == 1
