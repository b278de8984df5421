from spark_connector.pod import read_pod

VARIABLES = {
    "CYGNET_POD_NAME": "server-ada",
    "CYGNET_POD_NAMESPACE": "cygnet-user-ada",
    "CYGNET_POD_IP": "10.244.0.7",
    "CYGNET_SPARK_HOST": "server-ada-spark.cygnet-user-ada.svc",
    "CYGNET_IMAGE": "example.org/user:1",
    "CYGNET_USER": "ada",
    "CYGNET_MAX_EXECUTORS": "4",
    "CYGNET_EXECUTOR_CORES": "2",
    "CYGNET_EXECUTOR_CPU_REQUEST": "500m",
    "CYGNET_EXECUTOR_MEMORY": "2g",
    "CYGNET_EXECUTOR_PLACEMENT": '{"nodeSelector": {"a": "b"}, "tolerations": []}',
    "CYGNET_IMAGE_PULL_SECRETS": "one,two",
    "KUBERNETES_SERVICE_HOST": "10.96.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
}


def test_pod_is_read_from_its_variables() -> None:
    pod = read_pod(VARIABLES, has_token=True, template="kind: Pod")

    assert pod is not None
    assert (pod.name, pod.namespace, pod.ip) == (
        "server-ada",
        "cygnet-user-ada",
        "10.244.0.7",
    )
    assert pod.api == "https://10.96.0.1:443"
    assert (pod.max_executors, pod.executor_cores) == (4, 2)
    assert (pod.executor_cpu_request, pod.executor_memory) == ("500m", "2g")
    assert pod.pull_secrets == ("one", "two")
    # What is empty would override what the image's description says.
    assert pod.placement == {"nodeSelector": {"a": "b"}}


def test_there_is_no_pod_outside_of_one() -> None:
    assert read_pod({}, has_token=False, template="") is None


def test_limits_that_cannot_be_read_are_the_smallest() -> None:
    strange = {
        **VARIABLES,
        "CYGNET_MAX_EXECUTORS": "many",
        "CYGNET_EXECUTOR_CORES": "0",
        "CYGNET_EXECUTOR_MEMORY": "big",
        "CYGNET_EXECUTOR_PLACEMENT": "[",
        "KUBERNETES_SERVICE_HOST": "fd00::1",
    }

    pod = read_pod(strange, has_token=False, template="")

    assert pod is not None
    assert (pod.max_executors, pod.executor_cores, pod.executor_memory) == (1, 1, "1g")
    assert pod.placement == {}
    assert pod.api == "https://[fd00::1]:443"
