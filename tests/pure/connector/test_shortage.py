"""Why executors are missing, in a few words."""

from typing import Any

import pytest

from spark_connector.shortage import reason_of, refusal_in, sentence

START = (
    "io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: "
    "POST at: https://10.96.0.1:443/api/v1/namespaces/n/pods. Message: "
)


def unplaced(message: str) -> dict[str, Any]:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return {"status": {"conditions": [{**condition, "message": message}]}}


def container(**state: Any) -> dict[str, Any]:  # noqa: ANN401 - as Kubernetes has it.
    return {"status": {"phase": "Pending", "containerStatuses": [{"state": state}]}}


def test_sentence_reports_how_many_there_are() -> None:
    text = sentence(2, 8, "memory quota of your namespace")

    assert text == "2 of 8 executors: memory quota of your namespace"
    assert len(sentence(2, 8, "x" * 500)) == 200


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            (
                'pods "x-exec-3" is forbidden: exceeded quota: cygnet, requested: '
                "limits.memory=1Gi, used: limits.memory=4Gi, limited: limits.memory=4Gi"
            ),
            "memory quota of your namespace",
        ),
        (
            (
                'pods "x" is forbidden: exceeded quota: cygnet, requested: '
                "limits.cpu=1,limits.memory=1Gi, used: limits.cpu=8, limited: x"
            ),
            "CPU and memory quota of your namespace",
        ),
        (
            (
                'pods "x" is forbidden: exceeded quota: cygnet, requested: pods=1, '
                "used: pods=2, limited: pods=2"
            ),
            "pod quota of your namespace",
        ),
        (
            (
                'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but '
                "limit is 2Gi"
            ),
            "an executor's memory is not within the limits of your namespace",
        ),
        (
            (
                "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding "
                "'b' denied request: This image is not permitted. Received status: x"
            ),
            "refused by a policy of the cluster: This image is not permitted",
        ),
        (
            (
                'pods is forbidden: User "system:serviceaccount:n:default" cannot '
                'create resource "pods" in API group "" in the namespace "n"'
            ),
            "this server may not create them",
        ),
        (
            (
                'pods "x" is forbidden: violates PodSecurity "restricted:latest": '
                "runAsNonRoot != true"
            ),
            (
                'refused by the cluster: violates PodSecurity "restricted:latest": '
                "runAsNonRoot != true"
            ),
        ),
    ],
)
def test_refusal_is_reported_from_what_java_says(message: str, reason: str) -> None:
    assert refusal_in(START + message) == reason


def test_other_lines_are_no_refusal() -> None:
    assert refusal_in("WARN TaskSetManager: Lost task 0.0 in stage 1.0") is None


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (
            unplaced("0/1 nodes are available: 1 Insufficient memory."),
            "no node has enough memory free",
        ),
        (
            unplaced("0/1 nodes are available: 1 Insufficient ephemeral-storage."),
            "no node has enough disk free",
        ),
        (
            {
                "status": {
                    "reason": "Evicted",
                    "message": 'Usage of EmptyDir volume "tmp" exceeds the limit',
                }
            },
            "an executor exceeded its limit of disk space",
        ),
        (
            {"status": {"reason": "Evicted", "message": "The node was low on memory."}},
            "an executor was evicted: its node ran short of memory or disk",
        ),
        (
            unplaced("0/2 nodes: 1 Insufficient cpu, 1 Insufficient memory."),
            "no node has enough CPU and memory free",
        ),
        (
            unplaced("0/1 nodes: 1 node(s) didn't match Pod's node affinity/selector."),
            "no node matches their placement",
        ),
        (
            container(waiting={"reason": "ImagePullBackOff"}),
            "their image cannot be pulled",
        ),
        (
            container(waiting={"reason": "CreateContainerConfigError"}),
            "their container does not start (CreateContainerConfigError)",
        ),
        (
            container(terminated={"reason": "OOMKilled", "exitCode": 137}),
            "an executor exceeded its limit of memory",
        ),
        (
            container(terminated={"reason": "Error", "exitCode": 78}),
            "an executor ended with exit code 78",
        ),
        (container(waiting={"reason": "ContainerCreating"}), None),
        (container(running={}), None),
        ({"status": {}}, None),
        ({}, None),
    ],
)
def test_reason_is_read_from_the_pod(pod: dict[str, Any], reason: str | None) -> None:
    assert reason_of([pod]) == reason


def test_reason_of_most_pods_is_reported() -> None:
    room = unplaced("0/1 nodes are available: 1 Insufficient cpu.")
    pull = container(waiting={"reason": "ErrImagePull"})

    assert reason_of([pull, room, room]) == "no node has enough CPU free"
    assert reason_of([]) is None
