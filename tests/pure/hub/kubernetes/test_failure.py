from datetime import timedelta
from typing import Any

import pytest
from cygnet_hub.kubernetes import failure, rejection
from cygnet_hub.kubernetes.event import Event
from cygnet_hub.kubernetes.failure import Observation
from cygnet_hub.spawn.failure import Failure
from hypothesis import given
from hypothesis import strategies as st

CLAIM = "PersistentVolumeClaim"


def event(reason: str, message: str = "", **more: Any) -> Event:  # noqa: ANN401 - Any field.
    values = {"kind": "Pod", "name": "server-ada", "is_warning": False, "count": 1}
    return Event(
        reason, message, **{**values, "last": "2026-01-01", "uid": "u", **more}
    )


def pod(state: dict[str, object], **status: object) -> dict[str, object]:
    """Give a pod whose container has a state."""
    container = {"name": "notebook", "image": "example.org/x:1", "state": state}
    return {
        "metadata": {"name": "server-ada", "uid": "u"},
        "status": {"containerStatuses": [container], **status},
    }


LOOKUP = (
    'Failed to pull image "registry.invalid/x:1": failed to pull and unpack image: '
    "dial tcp: lookup registry.invalid: no such host"
)


def waiting(reason: str, message: str = "", *events: Event) -> Failure | None:
    state: dict[str, object] = {"waiting": {"reason": reason, "message": message}}
    return failure.final(Observation(pod(state), events))


def ended(log: str = "", **end: object) -> Failure:
    why = failure.final(Observation(pod({"terminated": end}), (), log))
    assert why is not None
    return why


def test_bad_image_name_is_reported() -> None:
    why = waiting("InvalidImageName")

    assert why is not None
    assert why.reason == "“example.org/x:1” is not a valid image name."
    assert why.remedy.startswith("Choose another image")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("manifest unknown", "does not exist where it was looked for"),
        ("failed to resolve: x: not found", "does not exist where it was looked for"),
        ("pull access denied", "does not give out the image"),
        ("unexpected status: 401 Unauthorized", "does not give out the image"),
    ],
)
def test_image_that_will_never_come_fails_at_once(message: str, words: str) -> None:
    why = waiting("ErrImagePull", message)

    assert why is not None
    assert words in why.reason


def test_registry_that_does_not_answer_is_tried_three_times() -> None:
    told = "Failed to pull image: dial tcp: connection refused"
    twice = event("Failed", told, is_warning=True, count=2)
    thrice = event("Failed", told, is_warning=True, count=3)

    assert waiting("ImagePullBackOff", "Back-off", twice) is None
    why = waiting("ImagePullBackOff", "Back-off", thrice)
    assert why is not None
    assert "connection refused" in why.reason


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_pod_that_is_being_made_has_not_failed(reason: str) -> None:
    assert waiting(reason) is None


def test_image_without_entrypoint_is_reported() -> None:
    message = 'exec: "/opt/cygnet/bin/entrypoint": stat: no such file or directory'
    why = waiting("RunContainerError", message)

    assert why is not None
    assert "has no /opt/cygnet/bin/entrypoint" in why.reason
    assert ended(exitCode=128, message=message) == why


def test_what_an_image_lacks_is_reported() -> None:
    why = ended(exitCode=78, message="cygnet: the image has no program jupyterlab\n")

    assert why.reason == (
        "The image cannot be used: the image has no program jupyterlab."
    )


def test_home_that_cannot_be_written_is_no_fault_of_the_image() -> None:
    told = "cygnet: the home directory /home/cygnet cannot be written by user 1000\n"
    pod = {
        "metadata": {"namespace": "cygnet-user-ada"},
        "status": {
            "containerStatuses": [
                {"state": {"terminated": {"exitCode": 78, "message": told}}}
            ]
        },
    }

    why = failure.final(Observation(pod))

    assert why is not None
    assert "Your home directory cannot be written" in why.reason
    assert "image" not in why.reason + why.remedy
    # What the administrator runs, with the person's own place in it.
    assert "kubectl get persistentvolumeclaim home --namespace cygnet-user-ada" in (
        why.remedy
    )
    assert "belong to user and group 1000" in why.remedy
    # No other start helps: the volume is not the person's to mend.
    assert not why.is_own


@pytest.mark.parametrize(
    "log", ["ModuleNotFoundError: no module", "OSError: No space left on device"]
)
def test_rescue_is_offered_where_something_of_ones_own_can_be_broken(log: str) -> None:
    assert ended(log, exitCode=1).is_own
    assert not ended(log, exitCode=137, reason="OOMKilled").is_own


def test_crash_shows_the_last_lines() -> None:
    why = ended("one\nModuleNotFoundError: no module\n", exitCode=1)

    assert "exit code 1" in why.reason
    assert why.log == ("one", "ModuleNotFoundError: no module")


def test_memory_that_ran_out_is_reported() -> None:
    why = ended(exitCode=137, reason="OOMKilled")

    assert "more memory than its size allows" in why.reason
    assert why.remedy == "Choose a larger size."


def test_full_home_is_reported() -> None:
    why = ended("OSError: [Errno 28] No space left on device", exitCode=1)

    assert why.reason.startswith("Your home directory is full")


def test_deleted_pod_is_reported() -> None:
    gone = {"metadata": {"deletionTimestamp": "now"}}
    why = failure.final(Observation(gone))

    assert why is not None
    assert "was deleted while it was starting" in why.reason


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            (
                "no persistent volumes available for this claim and no storage "
                "class is set"
            ),
            "the cluster has no default storage class",
        ),
        ('storageclass.storage.k8s.io "x" not found', '"x" not found'),
    ],
)
def test_home_that_will_never_be_made_fails_at_once(message: str, words: str) -> None:
    told = event("FailedBinding", message, kind=CLAIM)
    why = failure.final(Observation({}, (told,)))

    assert why is not None
    assert words in why.reason


def test_home_that_was_put_right_meanwhile_has_not_failed() -> None:
    first = event("ProvisioningFailed", "storageclass x not found", kind=CLAIM)
    later = event("ExternalProvisioning", "Waiting", kind=CLAIM, last="2026-01-02")

    assert failure.final(Observation({}, (later, first))) is None


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            [event("FailedScheduling", "Insufficient memory", is_warning=True)],
            "no machine has enough memory free",
        ),
        (
            [
                event(
                    "FailedScheduling",
                    "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient "
                    "nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No "
                    "preemption victims found for incoming pod.",
                    is_warning=True,
                )
            ],
            "no machine has enough CPU and GPU free",
        ),
        (
            [
                event(
                    "FailedScheduling",
                    "pod has unbound immediate PersistentVolumeClaims",
                    is_warning=True,
                )
            ],
            "no volume is bound to it",
        ),
        ([event("FailedMount", "timed out", is_warning=True)], "could not be attached"),
        ([event("Pulling")], "could not be fetched within 9 seconds; it may be large"),
        (
            [
                event("Pulling", last="2"),
                event("Failed", LOOKUP, is_warning=True, last="1"),
            ],
            "lookup registry.invalid: no such host",
        ),
        ([], "there is none"),
    ],
)
def test_late_pod_names_what_it_waited_for(events: list[Event], words: str) -> None:
    why = failure.of_time(timedelta(seconds=9), Observation({}, tuple(events)))

    assert words in why.reason
    assert "within 9 seconds" in why.reason


def test_server_that_does_not_answer_shows_its_log() -> None:
    seen = Observation(pod({"running": {}}), (), "still loading")
    why = failure.of_time(timedelta(seconds=9), seen)

    assert "did not answer within 9 seconds" in why.reason
    assert why.log == ("still loading",)


def test_quota_of_zero_is_no_matter_of_waiting() -> None:
    why = rejection.of_refusal(
        'pods "server-ada" is forbidden: exceeded quota: cygnet, requested: pods=1, '
        "used: pods=0, limited: pods=0"
    )

    assert "it needs pods=1, pods=0 is in use and pods=0 is allowed" in why.reason
    assert why.remedy.startswith("Nothing can start with a quota of zero.")


def test_full_quota_says_what_helps() -> None:
    why = rejection.of_refusal(
        "exceeded quota: cygnet, requested: limits.memory=4Gi, used: "
        "limits.memory=30Gi, limited: limits.memory=32Gi"
    )

    assert why.remedy.startswith("Choose a smaller size, or first stop another server")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            (
                "ValidatingAdmissionPolicy 'cygnet-pods' with binding 'b' denied "
                "request: image is not permitted"
            ),
            "A policy of the cluster (cygnet-pods) does not allow your server: image",
        ),
        (
            'admission webhook "check.example" denied the request: no',
            "A rule of the cluster (check.example) does not allow your server: no.",
        ),
        (
            (
                'pods "x" is forbidden: violates PodSecurity "restricted:latest": '
                "runAsNonRoot"
            ),
            "(restricted:latest)",
        ),
        ("unable to create: because it is being terminated", "is being deleted"),
        ("something new", "Kubernetes did not make your server: something new"),
    ],
)
def test_refusal_is_put_into_words(message: str, words: str) -> None:
    assert words in rejection.of_refusal(message).reason


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (
            "pods",
            "Choose another image or size. If that does not help, ask your",
        ),
        ("namespaces", "Ask your administrator to look at that policy."),
    ],
)
def test_choice_is_a_remedy_for_servers_alone(kind: str, remedy: str) -> None:
    why = rejection.of_refusal(
        f"{kind} \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' "
        "denied request: it is of another release"
    )

    assert why.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "is gone"),
        (pod({}, reason="Evicted"), "had run short of memory or disk"),
        (
            pod(
                {"terminated": {"exitCode": 137}},
                reason="Evicted",
                message='Usage of EmptyDir volume "tmp" exceeds the limit "10Gi". ',
            ),
            "more to /tmp",
        ),
        (pod({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}), "more memory"),
        (pod({"terminated": {"exitCode": 0}}), "ended by itself"),
        (pod({"terminated": {"exitCode": 3}}), "exit code 3"),
    ],
)
def test_end_of_a_running_server_is_reported(
    found: dict[str, object] | None, words: str
) -> None:
    assert words in failure.ending(found)


def test_eviction_of_a_server_that_ends_well_is_reported_by_its_event() -> None:
    found = pod({"terminated": {"exitCode": 0}}, phase="Succeeded")
    evicted, former = (event("Evicted", "exceeds", uid=it) for it in ("u", "former"))

    assert "more to /tmp" in failure.ending(found, [event("Killing"), evicted])
    assert "ended by itself" in failure.ending(found, [former])
    why = failure.final(Observation(found, (evicted,)))
    assert "more to /tmp" in str(why)


def test_end_is_reported_once_kubernetes_gives_the_reason() -> None:
    ended: dict[str, object] = {"terminated": {"exitCode": 137}}

    assert failure.is_ending(pod(ended, phase="Running"))
    assert not failure.is_ending(pod(ended, phase="Failed", reason="Evicted"))
    assert not failure.is_ending(pod({"running": {}}, phase="Running"))
    assert not failure.is_ending(None)


@given(st.text())
def test_any_refusal_has_words(message: str) -> None:
    why = rejection.of_refusal(message)

    assert why.reason
    assert why.remedy
