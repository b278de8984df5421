"""The user's image, started alone."""

import json
import re
from collections.abc import Generator

import pytest

from tests.support.cluster import Cluster
from tests.support.lone_pod import LonePod, lone_pod
from tests.support.source import ROOT
from tests.support.wheel import wheel

HOME = "/home/cygnet"
ENTRYPOINT = "/opt/cygnet/bin/entrypoint"
LAB = "/opt/cygnet/lab/bin/python"
KERNEL = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
try:
    reply = client.execute_interactive(sys.argv[1], timeout=240)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
sys.exit(reply["content"]["status"] != "ok")
"""
SPARK = """
from spark_connector import connect
spark = connect("local-small")
total = spark.range(1000).selectExpr("sum(id) AS s").toPandas()["s"][0]
print("total", total, "spark", spark.version)
"""
SERVER = """
jupyter-lab --ip=127.0.0.1 --no-browser --IdentityProvider.token=test > /tmp/lab 2>&1 &
for i in $(seq 120); do
  python - "$1" <<'P' && exit 0
import sys, urllib.request
ask = urllib.request.Request("http://127.0.0.1:8888" + sys.argv[1])
ask.add_header("Authorization", "token test")
try:
    print(urllib.request.urlopen(ask).read().decode())
except OSError:
    sys.exit(1)
P
  sleep 0.5
done
cat /tmp/lab; exit 1
"""


@pytest.fixture(scope="module")
def user(images: Cluster) -> Generator[LonePod]:
    with lone_pod(images, "user", "sleep", "3600", folders=(HOME,)) as pod:
        pod.wait("condition=Ready")
        yield pod


def kernel(pod: LonePod, code: str, *variables: str, check: bool = True) -> str:
    """Run code in a fresh kernel, as the notebook server starts it."""
    command = ("env", *variables, ENTRYPOINT, LAB, "-", code)
    return pod.run(*command, stdin=KERNEL, check=check)


def install(pod: LonePod, name: str, version: str, module: str) -> str:
    """Install a wheel as a cell would, and give what was said."""
    file = f"/tmp/{name}-{version}-py3-none-any.whl"  # noqa: S108 - Of the pod.
    pod.run("sh", "-c", f"base64 -d > {file}", stdin=wheel(name, version, module))
    return kernel(pod, f"%pip install --no-index {file}")


def origin(pod: LonePod, module: str, *variables: str) -> str:
    code = f"import {module}\nprint(getattr({module}, 'ORIGIN', {module}.__file__))"
    return kernel(pod, code, *variables, check=False)


def test_kernel_runs_spark(user: LonePod) -> None:
    told = kernel(user, SPARK)

    assert "total 499500 spark 4.3.0" in told


def test_lab_offers_our_kernel_alone(user: LonePod) -> None:
    told = json.loads(user.run("sh", "-c", SERVER, "-", "/api/kernelspecs"))

    assert list(told["kernelspecs"]) == ["python3"]
    spec = told["kernelspecs"]["python3"]["spec"]
    assert spec["display_name"] == "Python (Cygnet)"
    assert spec["argv"][0] == "/opt/cygnet/kernel/bin/python"


def test_lab_has_our_extension_and_defaults(user: LonePod) -> None:
    config = json.loads(user.run("sh", "-c", SERVER, "-", "/lab/api/settings"))
    page = user.run("sh", "-c", SERVER, "-", "/lab")

    adaptive = [it for it in config["settings"] if it["id"].endswith(":themes")]
    assert adaptive[0]["schema"]["properties"]["adaptive-theme"]["default"] is True
    assert "@cygnet/lab" in page
    assert '"news": {"disabled": true}' in page or "jupyterlab_apputils" not in page


def test_versions_are_equal(user: LonePod) -> None:
    lock = dict(
        re.findall(
            r"^(\S+)==(\S+)",
            (ROOT / "images/user/kernel.txt").read_text(),
            re.MULTILINE,
        )
    )
    told = json.loads(user.run("cat", "/opt/cygnet/image.json"))
    hub = re.search(
        r"^jupyterhub==(\S+)",
        (ROOT / "images/hub/requirements.txt").read_text(),
        re.MULTILINE,
    )

    assert told["version"] == "0.1.0"
    assert told["spark"] == lock["pyspark"]
    assert user.run("python", "--version").split()[1] == told["python"]
    assert hub
    assert user.run("jupyterhub-singleuser", "--version").strip() == hub[1]


def test_spark_is_there_once(user: LonePod) -> None:
    # What root alone may read is told on standard error.
    jars = user.run(*("find", "/", "-xdev", "-name", "spark-core_*.jar"), check=False)

    assert jars.count("/spark-core_") == 1


def test_package_of_the_user_stays_in_the_home(user: LonePod) -> None:
    install(user, "cygnet_probe", "1.0", "cygnet_probe")
    key = json.loads(user.run("cat", "/opt/cygnet/image.json"))["packages"]

    assert "cygnet_probe 1.0" in origin(user, "cygnet_probe")
    place = f"{HOME}/.local/share/cygnet/packages/{key}"
    assert "cygnet_probe.py" in user.run("find", place)


def test_package_of_the_user_can_be_upgraded(user: LonePod) -> None:
    install(user, "cygnet_grows", "1.0", "cygnet_grows")
    install(user, "cygnet_grows", "2.0", "cygnet_grows")

    assert "cygnet_grows 2.0" in origin(user, "cygnet_grows")


def test_package_of_the_user_is_left_out_on_request(user: LonePod) -> None:
    install(user, "cygnet_left", "1.0", "cygnet_left")

    assert "cygnet_left 1.0" in origin(user, "cygnet_left")
    without = origin(user, "cygnet_left", "PYTHONNOUSERSITE=1")
    assert "No module named" in without


def test_package_of_the_user_shadows_none_of_ours(user: LonePod) -> None:
    # The name of the package is new, the name of its module is not.
    install(user, "cygnet_shadow", "1.0", "yaml")

    assert "/opt/cygnet/kernel/lib/" in origin(user, "yaml")


def test_package_of_ours_keeps_its_version(user: LonePod) -> None:
    told = install(user, "pyyaml", "99.0", "yaml")

    assert "The user requested (constraint) pyyaml==" in told
    assert "/opt/cygnet/kernel/lib/" in origin(user, "yaml")


def test_server_sees_no_package_of_the_user(user: LonePod) -> None:
    install(user, "cygnet_aside", "1.0", "cygnet_aside")

    told = user.run(ENTRYPOINT, LAB, "-c", "import cygnet_aside", check=False)
    assert "No module named" in told


def test_examples_are_copied_and_kept(user: LonePod) -> None:
    example = f"{HOME}/examples/flights.ipynb"

    user.run(ENTRYPOINT, "sh", "-c", f"echo mine > {example}")
    user.run(ENTRYPOINT, "true")

    assert user.run("cat", example) == "mine\n"


def test_entrypoint_names_a_missing_program(images: Cluster) -> None:
    with lone_pod(images, "user", "no-such-program", folders=(HOME,)) as pod:
        ending = pod.ending()

    assert ending["exitCode"] == 78
    assert ending["message"] == "cygnet: the image has no program no-such-program\n"


def test_entrypoint_names_a_home_that_cannot_be_written(images: Cluster) -> None:
    with lone_pod(images, "user", "true") as pod:
        ending = pod.ending()

    assert ending["exitCode"] == 78
    assert f"home directory {HOME} cannot be written" in ending["message"]


@pytest.mark.parametrize("is_whole", [True, False])
def test_template_of_executors_is_restricted(
    images: Cluster, user: LonePod, *, is_whole: bool
) -> None:
    text = user.run("cat", "/opt/cygnet/executor.yaml")
    text = text.replace("name: executor\n", "name: executor\n      image: x\n")
    if not is_whole:
        text = text.replace("allowPrivilegeEscalation: false", "privileged: false")

    told = images.kubectl(
        *("create", "--dry-run=server", "-n", user.name, "-f", "-"),
        stdin=text.replace("metadata:\n", "metadata:\n  name: executor\n", 1),
        check=False,
    )

    assert ("created (server dry run)" in told) is is_whole
    assert ("violates PodSecurity" in told) is not is_whole
