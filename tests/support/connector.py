"""Values that the connector's tests begin with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from spark_connector.bundle import NamedBundle, parse_bundle
from spark_connector.capacity import Capacity
from spark_connector.environment import Environment, Variables
from spark_connector.pod import Pod
from spark_connector.resolve import Resolved, resolve
from tests.support.quick_java import quick_java

GIBIBYTE = 2**30
CLUSTER = "title: Place\ncluster: {type: local, cores: 2, memory: 1g}\n"


def environment(**changes: Any) -> Environment:  # noqa: ANN401 - any field.
    """Give a machine with four cores and 8 GB, and nothing around it."""
    plain = Environment(
        variables=Variables("ada", "/home/ada", "/home/ada/work", "/scratch"),
        capacity=Capacity(cores=4, memory=8 * GIBIBYTE),
        cache=Path("/nowhere"),
        spark_version="4.3.0",
    )
    return replace(plain, **changes)


def pod(**changes: Any) -> Pod:  # noqa: ANN401 - any field.
    """Give a notebook's pod that may have four executors."""
    plain = Pod(
        name="server-ada",
        namespace="cygnet-user-ada",
        ip="10.244.0.7",
        host="server-ada-spark.cygnet-user-ada.svc",
        image="example.org/cygnet-user:1",
        user="ada",
        api="https://10.96.0.1:443",
        has_token=True,
        max_executors=4,
        executor_cores=2,
        executor_memory="2g",
        template="kind: Pod\nspec:\n  containers: [{name: executor}]\n",
    )
    return replace(plain, **changes)


def on_pods(
    cluster: str = "type: kubernetes",
    /,
    *bundles: NamedBundle,
    **changes: Any,  # noqa: ANN401 - any field of the environment.
) -> Resolved:
    """Resolve bundles and options in that pod, with executors."""
    options = changes.pop("options", {})
    place = parse_bundle(f"title: E\ncluster: {{{cluster}}}\n", "executors.yaml")
    around = environment(**{"pod": pod(), **changes})
    return resolve(bundles, place, options, around)


def bundle(name: str, **options: object) -> NamedBundle:
    """Give a bundle that only sets options."""
    lines = [f"  {key}: {value}" for key, value in options.items()]
    return parse_bundle("\n".join(["title: T", "options:", *lines]), f"{name}.yaml")


def place() -> NamedBundle:
    """Give a bundle with a local cluster."""
    return parse_bundle(CLUSTER, "place.yaml")


def resolved(*bundles: NamedBundle, **options: object) -> Resolved:
    """Resolve bundles and options on the plain machine."""
    return resolve(bundles, place(), options, environment())


def own_world(directory: Path) -> dict[str, str]:
    """Give an environment for a kernel whose temporary files are told from others."""
    scratch = directory / "scratch"
    scratch.mkdir(exist_ok=True)
    return {
        "JAVA_HOME": str(quick_java(directory)),
        "TMPDIR": str(scratch),
        "PYSPARK_SUBMIT_ARGS": "pyspark-shell",
        "SPARK_CONF_DIR": "",
        "CYGNET_BUNDLES": "",
        "CYGNET_SPARK_CORES": "2",
        "CYGNET_SPARK_MEMORY": "1g",
    }
