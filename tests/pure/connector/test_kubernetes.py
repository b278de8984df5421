"""A session with executors in pods: what Spark is told, and who may change it."""

import json

import pytest
import yaml

from spark_connector import kubernetes
from spark_connector.errors import RefusedError
from spark_connector.lock import LockState, compare
from spark_connector.problem import Problem
from spark_connector.resolve import resolve
from spark_connector.rules import PROTECTED
from tests.support.connector import bundle, environment, on_pods, place, pod
from tests.support.source import ROOT

TEMPLATE = (ROOT / "images/user/files/executor.yaml").read_text()
OURS = kubernetes.protections(pod(), "/scratch")
# What would weaken a session or leave the service's bounds.
WEAK = {
    "spark.blockManager.port": "0",
    "spark.decommission.enabled": "false",
    "spark.driver.bindAddress": "10.244.0.8",
    "spark.driver.blockManager.port": "0",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.port": "4040",
    "spark.dynamicAllocation.enabled": "false",
    "spark.dynamicAllocation.shuffleTracking.enabled": "false",
    "spark.kubernetes.allocation.pods.allocator": "statefulset",
    "spark.plugins": "org.example.Spy",
    "spark.port.maxRetries": "100",
    "spark.storage.decommission.enabled": "false",
}


def problems_of(*bundles: object, **changes: object) -> list[Problem]:
    with pytest.raises(RefusedError) as caught:
        on_pods("type: kubernetes", *bundles, **changes)  # type: ignore[arg-type] # pytest has no way to type this.
    return list(caught.value.problems)


def test_session_is_a_client_of_the_pods_own_cluster() -> None:
    result = on_pods()

    wanted = {
        "spark.master": "k8s://https://10.96.0.1:443",
        "spark.submit.deployMode": "client",
        "spark.kubernetes.namespace": "cygnet-user-ada",
        "spark.kubernetes.driver.pod.name": "server-ada",
        "spark.kubernetes.container.image": "example.org/cygnet-user:1",
        "spark.driver.host": "server-ada-spark.cygnet-user-ada.svc",
        "spark.driver.bindAddress": "10.244.0.7",
        "spark.driver.port": "7100",
        "spark.driver.blockManager.port": "7200",
        "spark.blockManager.port": "7200",
        "spark.port.maxRetries": "7",
        "spark.plugins": "org.apache.spark.cygnet.SettingsPlugin",
        "spark.kubernetes.executor.label.app.kubernetes.io/component": "executor",
        "spark.kubernetes.executor.label.cygnet.org/user": "ada",
    }
    assert {key: result.value(key) for key in wanted} == wanted
    assert result.value("spark.executor.extraClassPath").endswith(".jar")


def test_what_protects_every_session_holds_here_too() -> None:
    result = on_pods()

    for entry in PROTECTED:
        if entry.value is not None:
            assert result.value(entry.key) == entry.value


def test_idle_executors_are_returned_within_two_minutes() -> None:
    result = on_pods()

    keys = ("executorIdleTimeout", "shuffleTracking.timeout")
    idle = [result.value(f"spark.dynamicAllocation.{key}") for key in keys]
    assert idle == ["45s", "45s"]
    migration = "spark.storage.decommission.shuffleBlocks.enabled"
    assert result.value(migration) == "false"
    assert result.value("spark.executor.decommission.forceKillTimeout") == "15s"


def test_token_is_left_to_the_client_that_reads_it_again() -> None:
    # fabric8 7 never asks again for a token that it was given by a setting.
    keys = [setting.key for setting in on_pods().settings]

    assert [it for it in keys if it.startswith("spark.kubernetes.authenticate")] == []


@pytest.mark.parametrize(
    ("cluster", "bounds"),
    [
        ("type: kubernetes", ("0", "1", "4")),
        ("type: kubernetes, executors: 3", ("0", "1", "3")),
        ("type: kubernetes, executors: {min: 2, max: 3}", ("2", "2", "3")),
        ("type: kubernetes, executors: 9", ("0", "1", "4")),
        ("type: kubernetes, executors: {min: 8, max: 9}", ("4", "4", "4")),
    ],
)
def test_number_of_executors_is_the_bundles_within_the_forms(
    cluster: str, bounds: tuple[str, str, str]
) -> None:
    result = on_pods(cluster)

    keys = ("minExecutors", "initialExecutors", "maxExecutors")
    assert tuple(result.value(f"spark.dynamicAllocation.{it}") for it in keys) == bounds
    assert bool(result.notices) == ("9" in cluster)


def test_limits_of_the_form_hold_against_the_caller_and_are_said() -> None:
    options = {
        "spark.dynamicAllocation.maxExecutors": 50,
        "spark.executor.instances": 40,
        "spark.executor.cores": 16,
        "spark.executor.memory": "64g",
    }

    result = on_pods("type: kubernetes", options=options)

    assert result.value("spark.dynamicAllocation.maxExecutors") == "4"
    assert result.value("spark.executor.instances") == "4"
    assert result.value("spark.executor.cores") == "2"
    assert result.value("spark.kubernetes.executor.limit.cores") == "2"
    assert result.value("spark.executor.memory") == "2g"
    assert result.notices == (
        "The start form limits a session to 4 executors.",
        "The start form limits an executor to 2 cores.",
        "The start form limits an executor to 2 GB.",
    )


def test_smaller_executors_than_the_form_allows_are_fine() -> None:
    result = on_pods("type: kubernetes, cores: 1, memory: 512m")

    assert result.value("spark.executor.cores") == "1"
    assert result.value("spark.kubernetes.executor.limit.cores") == "1"
    assert result.value("spark.executor.memory") == "512m"
    assert result.notices == ()


def test_every_own_protection_has_a_case() -> None:
    own = {entry.key for entry in OURS}

    assert WEAK.keys() == {it for it in own if not it.startswith("spark.kube")} | {
        "spark.kubernetes.allocation.pods.allocator"
    }


@pytest.mark.parametrize("key", WEAK)
def test_weaker_value_is_refused(key: str) -> None:
    (by_call,) = problems_of(options={key: WEAK[key]})
    (by_bundle,) = problems_of(bundle("weak", **{key: WEAK[key]}))

    assert by_call.key == by_bundle.key == key
    assert (by_call.place, by_bundle.place) == ("connect()", "weak.yaml, line 3")


@pytest.mark.parametrize(
    "key",
    [
        "spark.kubernetes.authenticate.oauthToken",
        "spark.kubernetes.container.image",
        "spark.kubernetes.executor.container.image",
        "spark.kubernetes.executor.podTemplateFile",
        "spark.kubernetes.executor.secrets.x",
        "spark.kubernetes.executor.volumes.hostPath.x.mount.path",
        "spark.kubernetes.namespace",
    ],
)
def test_other_settings_of_kubernetes_are_the_services(key: str) -> None:
    assert [it.key for it in problems_of(options={key: "theirs"})] == [key]


def test_protections_of_a_local_session_stay_as_they_are() -> None:
    with pytest.raises(RefusedError) as caught:
        resolve(
            [],
            place(),
            {"spark.driver.host": pod().host, "spark.plugins": kubernetes.PLUGIN},
            environment(pod=pod()),
        )

    assert [it.key for it in caught.value.problems] == [
        "spark.driver.host",
        "spark.plugins",
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pod": None}, ["does not run in a pod"]),
        ({"pod": pod(has_token=False)}, ["may not start executors"]),
        ({"pod": pod(template="")}, ["no description of an executor's pod"]),
        ({"pod": pod(image="")}, ["no name"]),
        (
            {"pod": pod(api="", template="")},
            ["may not start executors", "no description"],
        ),
    ],
)
def test_reason_why_there_are_no_executors_here(
    changes: dict[str, object], words: list[str]
) -> None:
    problems = problems_of(**changes)

    assert len(problems) == len(words)
    assert all(it in one.reason for it, one in zip(words, problems, strict=True))


def test_choice_in_the_form_is_named_where_the_token_is_missing() -> None:
    (problem,) = problems_of(pod=pod(has_token=False))

    assert "choose Executors" in problem.remedy


def test_description_of_executors_is_the_images_with_the_placement() -> None:
    placed = pod(placement={"nodeSelector": {"pool": "spark"}, "tolerations": [{}]})

    result = on_pods("type: kubernetes", pod=placed)

    ((path, text),) = result.files
    assert result.value("spark.kubernetes.executor.podTemplateFile") == path
    assert path.startswith("/scratch/")
    assert json.loads(text) == {
        "kind": "Pod",
        "spec": {
            "containers": [{"name": "executor"}],
            "nodeSelector": {"pool": "spark"},
            "tolerations": [{}],
        },
    }


def test_image_is_pulled_with_the_namespaces_secrets() -> None:
    result = on_pods("type: kubernetes", pod=pod(pull_secrets=("one", "two")))

    key = "spark.kubernetes.container.image.pullSecrets"
    assert result.value(key) == "one,two"


def test_lock_expects_the_pods_own_address() -> None:
    result = on_pods()
    effective: dict[str, str | None] = {
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.io.encryption.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "10.244.0.7",
        "spark.driver.host": "server-ada-spark.cygnet-user-ada.svc",
        "spark.master": "k8s://https://10.96.0.1:443",
        "secret.present": "true",
        "spark.extraListeners": "",
    }

    assert compare(result, effective).state is LockState.CLOSED
    everywhere = {**effective, "spark.driver.bindAddress": "0.0.0.0"}  # noqa: S104 - what must not be.
    assert compare(result, everywhere).state is LockState.OPEN


def test_java_options_do_not_reach_executors_by_their_environment() -> None:
    key = "spark.executorEnv.JAVA_TOOL_OPTIONS"

    assert [it.key for it in problems_of(options={key: "-Dspark.x=y"})] == [key]


def test_executor_takes_so_much_of_its_nodes_disk() -> None:
    bounded = pod(executor_disk="10Gi", executor_disk_request="1Gi", template=TEMPLATE)
    _, text = kubernetes.template_file(bounded, "/scratch")
    spec = json.loads(text)["spec"]
    (container,) = spec["containers"]

    assert container["resources"]["limits"] == {"ephemeral-storage": "10Gi"}
    assert container["resources"]["requests"] == {"ephemeral-storage": "1Gi"}
    assert [it["name"] for it in container["volumeMounts"]] == [
        "tmp",
        "spark-local-dir-1",
    ]
    assert {it["name"]: it["emptyDir"] for it in spec["volumes"]} == {
        "tmp": {"sizeLimit": "10Gi"},
        "spark-local-dir-1": {"sizeLimit": "10Gi"},
    }


def test_older_hub_leaves_the_disk_as_the_image_has_it() -> None:
    _, text = kubernetes.template_file(pod(template=TEMPLATE), "/scratch")

    assert json.loads(text) == yaml.safe_load(TEMPLATE)


def test_executors_trust_the_authorities_that_their_server_does() -> None:
    place = "/etc/cygnet/ca/ca.crt"
    trusting = pod(template=TEMPLATE, authorities=place)

    _, text = kubernetes.template_file(trusting, "/scratch")

    spec = yaml.safe_load(text)["spec"]
    (container,) = spec["containers"]
    assert {"name": "CYGNET_EXTRA_CA", "value": place} in container["env"]
    mounts = {it["name"]: it["mountPath"] for it in container["volumeMounts"]}
    assert mounts["ca"] == "/etc/cygnet/ca"
    assert {"name": "ca", "configMap": {"name": "cygnet-ca"}} in spec["volumes"]
    # Nothing of the template is lost, and without authorities there is nothing more.
    assert "tmp" in mounts
    _, text = kubernetes.template_file(pod(template=TEMPLATE), "/scratch")
    assert "cygnet-ca" not in text
