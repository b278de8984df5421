"""The user's image, started alone."""

import json
import re
from collections.abc import Generator

import pytest

from tests.cluster.node.image import VERSION
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
    replies = [client.execute_interactive(it, timeout=240) for it in sys.argv[1:]]
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
sys.exit(any(it["content"]["status"] != "ok" for it in replies))
"""
SPARK = """
from spark_connector import connect
spark = connect("local-small")
total = spark.range(1000).selectExpr("sum(id) AS s").toPandas()["s"][0]
print("total", total, "spark", spark.version)
"""
SERVER = """
lab=/opt/cygnet/lab/bin/jupyter-lab
$lab --ip=127.0.0.1 --no-browser --IdentityProvider.token=test > /tmp/lab 2>&1 &
for i in $(seq 120); do
  python - "$@" <<'P' && exit 0
import json, sys, urllib.request
def text(path):
    ask = urllib.request.Request("http://127.0.0.1:8888" + path)
    ask.add_header("Authorization", "token test")
    return urllib.request.urlopen(ask).read().decode()
try:
    print(json.dumps({it: text(it) for it in sys.argv[1:]}))
except OSError:
    sys.exit(1)
P
  sleep 0.5
done
cat /tmp/lab; exit 1
"""
PAGES = ("/api/kernelspecs", "/lab/api/settings", "/lab")
# Wheels of the user's own, in the order of their installation, and their modules. The
# module of the last two is one of ours, and the last one has the name of our package.
WHEELS = (
    ("cygnet_probe", "1.0", "cygnet_probe"),
    ("cygnet_grows", "1.0", "cygnet_grows"),
    ("cygnet_grows", "2.0", "cygnet_grows"),
    ("cygnet_left", "1.0", "cygnet_left"),
    ("cygnet_aside", "1.0", "cygnet_aside"),
    ("cygnet_shadow", "1.0", "yaml"),
    ("pyyaml", "99.0", "yaml"),
)
ORIGINS = """
import importlib, json

def origin(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        return str(error)
    return str(getattr(module, "ORIGIN", module.__file__))

names = ("cygnet_probe", "cygnet_grows", "cygnet_left", "yaml")
print(json.dumps({it: origin(it) for it in names}))
"""


@pytest.fixture(scope="module")
def user(images: Cluster) -> Generator[LonePod]:
    with lone_pod(images, "user", "sleep", "3600", folders=(HOME,)) as pod:
        pod.wait("condition=Ready")
        yield pod


@pytest.fixture(scope="module")
def lab(user: LonePod) -> dict[str, str]:
    """Start the notebook server, and give some of its pages."""
    pages: dict[str, str] = json.loads(user.run("sh", "-c", SERVER, "-", *PAGES))
    return pages


@pytest.fixture(scope="module")
def installed(user: LonePod) -> dict[str, str]:
    """Install the wheels from cells of one kernel, and give what was said of each."""
    cells = []
    for name, version, module in WHEELS:
        file = f"/tmp/{name}-{version}-py3-none-any.whl"  # noqa: S108 - Of the pod.
        user.run("sh", "-c", f"base64 -d > {file}", stdin=wheel(name, version, module))
        cells += [f"print('== {name} {version} ==')", f"%pip install --no-index {file}"]
    _, *parts = re.split(r"== (\S+ \S+) ==\n", kernel(user, *cells))
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture(scope="module")
def origins(user: LonePod, installed: dict[str, str]) -> dict[str, str]:
    """Say where modules come from in a kernel that starts after the installations."""
    assert installed
    found: dict[str, str] = json.loads(kernel(user, ORIGINS))
    return found


def kernel(pod: LonePod, *cells: str, variables: tuple[str, ...] = ()) -> str:
    """Run cells in a fresh kernel, as the notebook server starts it."""
    command = ("env", *variables, ENTRYPOINT, LAB, "-", *cells)
    return pod.run(*command, stdin=KERNEL)


def test_kernel_runs_spark(user: LonePod) -> None:
    told = kernel(user, SPARK)

    assert "total 499500 spark 4.3.0" in told


def test_programs_of_a_notebook_are_those_of_its_environment(user: LonePod) -> None:
    told = kernel(user, "!command -v pip python; command -v jupyter-lab; echo $PATH")

    assert told.split()[:2] == [
        f"/opt/cygnet/kernel/bin/{it}" for it in ("pip", "python")
    ]
    assert "/opt/cygnet/lab" not in told


def test_lab_offers_our_kernel_alone(lab: dict[str, str]) -> None:
    told = json.loads(lab["/api/kernelspecs"])

    assert list(told["kernelspecs"]) == ["python3"]
    spec = told["kernelspecs"]["python3"]["spec"]
    assert spec["display_name"] == "Python (Cygnet)"
    assert spec["argv"][0] == "/opt/cygnet/kernel/bin/python"


def test_lab_has_our_extension_and_defaults(lab: dict[str, str]) -> None:
    config = json.loads(lab["/lab/api/settings"])
    page = lab["/lab"]

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

    assert told["version"] == VERSION
    assert told["spark"] == lock["pyspark"]
    assert user.run("python", "--version").split()[1] == told["python"]
    assert hub
    server = "/opt/cygnet/lab/bin/jupyterhub-singleuser"
    assert user.run(server, "--version").strip() == hub[1]


def test_spark_is_there_once(user: LonePod) -> None:
    # What root alone may read is told on standard error.
    jars = user.run(*("find", "/", "-xdev", "-name", "spark-core_*.jar"), check=False)

    assert jars.count("/spark-core_") == 1


def test_package_of_the_user_stays_in_the_home(
    user: LonePod, origins: dict[str, str]
) -> None:
    key = json.loads(user.run("cat", "/opt/cygnet/image.json"))["packages"]

    assert "cygnet_probe 1.0" in origins["cygnet_probe"]
    place = f"{HOME}/.local/share/cygnet/packages/{key}"
    assert "cygnet_probe.py" in user.run("find", place)


def test_package_of_the_user_can_be_upgraded(origins: dict[str, str]) -> None:
    assert "cygnet_grows 2.0" in origins["cygnet_grows"]


def test_package_of_the_user_is_left_out_on_request(
    user: LonePod, origins: dict[str, str]
) -> None:
    assert "cygnet_left 1.0" in origins["cygnet_left"]
    without = json.loads(kernel(user, ORIGINS, variables=("PYTHONNOUSERSITE=1",)))
    assert "No module named" in without["cygnet_left"]


def test_package_of_the_user_shadows_none_of_ours(origins: dict[str, str]) -> None:
    # The name of the package is new, the name of its module is not.
    assert "/opt/cygnet/kernel/lib/" in origins["yaml"]


def test_package_of_ours_keeps_its_version(
    installed: dict[str, str], origins: dict[str, str]
) -> None:
    told = installed["pyyaml 99.0"]

    assert "The user requested (constraint) pyyaml==" in told
    assert "/opt/cygnet/kernel/lib/" in origins["yaml"]


@pytest.mark.usefixtures("installed")
def test_server_sees_no_package_of_the_user(user: LonePod) -> None:
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
