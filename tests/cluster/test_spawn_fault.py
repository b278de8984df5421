"""A start that fails says why and what to do, and the hub goes on."""

import json
import os
import re
import subprocess
from collections.abc import Generator, Mapping
from html import unescape
from typing import Any

import pytest

from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser, until
from tests.support.helm import Service

NAME = "cygnet-fault"
MISSPELT, ABSENT = "localhost/cygnet..user:1", "localhost/cygnet-user:no-such-version"
"""The first one is taken by the chart, and by no node."""
REQUESTS = {"memory": "1536Mi", "memoryRequest": "256Mi"}
VAST: Mapping[str, Any] = {
    "sizes": [
        {
            "name": "small",
            "label": "Small",
            "cpu": "1",
            "cpuRequest": "50m",
            **REQUESTS,
        },
        {"name": "vast", "label": "Vast", "cpu": "900", **REQUESTS},
    ],
    "quota": {"cpu": "1000"},
}
NO_MACHINE = (
    "No machine took your server within {} seconds: no machine has enough CPU free."
)
BROKEN = """
import os
if os.environ.get("PYTHONNOUSERSITE") != "1":
    print("broken by the test", flush=True)
    os._exit(3)
"""
TITLE = "<title>JupyterLab</title>"
FAULTS = {
    ".jupyter/jupyter_server_config.py": "import os; os._exit(3)",
    ".ipython/profile_default/startup/00-broken.py": "import os; os._exit(4)",
    ".local/share/jupyter/kernels/python3/kernel.json": "{",
}
"""Files of a home that keep servers and kernels from starting."""
BREAK = f"""
import pathlib
for name, text in {FAULTS!r}.items():
    place = pathlib.Path.home() / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
"""
MOVED = f"""
import pathlib
home = pathlib.Path.home()
(aside,) = home.glob("moved-aside-*")
print([(home / it).exists() for it in {[*FAULTS]!r}])
print([(aside / it).exists() for it in {[*FAULTS]!r}])
"""
ADMINISTRATORS = re.compile(r"kubectl describe persistentvolume .*}'\)")
"""The command that a page shows for them."""


def values(service: Service, owner: str, **config: object) -> Mapping[str, Any]:
    """Give values with images and sizes that do not work, for one person."""
    small = helm.small(service.cluster)
    tiny = {"name": "tiny", "label": "Tiny", "cpu": "1", "memory": "40Mi"}
    return {
        **small,
        "config": {
            **small["config"],
            "owner": owner,
            "sizes": [*small["config"]["sizes"], {**tiny, "memoryRequest": "16Mi"}],
            "images": [
                {"name": "standard", "label": "Python and Spark"},
                {"name": "misspelt", "label": "Misspelt", "image": MISSPELT},
                {"name": "absent", "label": "Absent", "image": ABSENT},
            ],
            "startSeconds": 150,
            **config,
        },
    }


@pytest.fixture(scope="module")
def faulty(images: Cluster) -> Generator[Service]:
    """Give a release of its own, whose settings change from test to test."""
    small = helm.small(images)
    with helm.installed(images, NAME, NAME, small) as service:
        yield service


def person(service: Service, name: str, **config: object) -> ClusterUser:
    """Set the service up for one person, and log them in."""
    # What does not work is set past the check that would refuse it.
    service.upgrade(values(service, name, **config), "--no-hooks")
    return ClusterUser(service.url, name).log_in(service.login_link())


@pytest.fixture(scope="module")
def ada(faulty: Service) -> Generator[ClusterUser]:
    with person(faulty, "ada") as ada:
        yield ada


def told(user: ClusterUser, **fields: str) -> str:
    """Start a server that fails, and return the page's text."""
    page = user.start(**fields)
    assert "JupyterLab</title>" not in page.text
    text = re.sub(r"<[^>]+>", " ", page.text[page.text.find("<main") :])
    assert user.get("/hub/home").is_success
    return " ".join(unescape(text).split())


def test_misspelt_image_is_reported(ada: ClusterUser) -> None:
    text = told(ada, image="misspelt")

    assert "is not a valid image name" in text
    assert "Choose another image" in text


def test_absent_image_is_reported(ada: ClusterUser) -> None:
    text = told(ada, image="absent")

    assert ABSENT in text
    assert "cannot be fetched" in text or "does not exist" in text


def test_size_that_is_too_small_is_reported(ada: ClusterUser) -> None:
    text = told(ada, image="standard", size="tiny")

    assert "more memory than its size allows" in text
    assert "Choose a larger size." in text


def test_crash_shows_the_log_and_the_way_out(ada: ClusterUser) -> None:
    ada.start(image="standard", size="small")
    code = f"""
import pathlib
place = pathlib.Path.home() / ".jupyter"
place.mkdir(exist_ok=True)
(place / "jupyter_server_config.py").write_text({BROKEN!r})
"""
    assert not ada.run(ada.kernel(), code).error
    ada.stop()

    text = told(ada, image="standard", size="small")

    assert "ended with exit code 3 while it was starting" in text
    assert "broken by the test" in text
    page = ada.start(packages="without")
    assert "<title>JupyterLab</title>" in page.text


def test_rescue_leads_past_a_broken_home_and_reset_clears_it(ada: ClusterUser) -> None:
    if ada.model() is None:
        ada.start(image="standard", size="small", packages="without")
    assert not ada.run(ada.kernel(), BREAK).error
    ada.stop()
    usual = {"image": "standard", "size": "small"}

    # What was offered first does not help: it is about packages alone.
    for fields in (usual, {**usual, "packages": "without"}):
        page = ada.start(**fields)
        assert "ended with exit code 3 while it was starting" in unescape(page.text)
        assert "start=rescue" in page.text

    assert TITLE in ada.start(**usual, start="rescue").text
    assert ada.run(ada.kernel(), "6 * 7").text == "42"
    ada.stop()

    assert TITLE in ada.start(**usual, start="reset").text
    was_moved = ada.run(ada.kernel(), MOVED)
    assert not was_moved.error, was_moved.error
    assert was_moved.text.splitlines() == [str([it] * 3) for it in (False, True)]
    ada.stop()
    assert TITLE in ada.start(**usual).text
    assert ada.run(ada.kernel(), "6 * 7").text == "42"


def home_path(service: Service, name: str) -> str:
    """Say where on the node somebody's home is."""
    place = ("--namespace", f"{NAME}-user-{name}", "get", "pvc", "home", "-o", "json")
    volume = json.loads(service.cluster.kubectl(*place))["spec"]["volumeName"]
    found = json.loads(service.cluster.kubectl("get", "pv", volume, "-o", "json"))
    spec = found["spec"]
    return str((spec.get("hostPath") or spec["local"])["path"])


def as_administrator(cluster: Cluster, command: str) -> str:
    """Run a line of shell that has kubectl in it."""
    given = {"KUBECTL": cluster.kubectl_program, "KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run(
        ["sh", "-euc", f'kubectl() {{ "$KUBECTL" "$@"; }}; {command}'],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_home_of_another_user_is_reported_with_a_command_that_finds_it(
    faulty: Service, ada: ClusterUser, own_node: Cluster
) -> None:
    if ada.model() is not None:
        ada.stop()
    path, shell = home_path(faulty, "ada"), own_node.node_shell
    shell(["sh", "-c", f"chown 0:0 {path} && chmod 0755 {path}"])
    try:
        text = told(ada, image="standard", size="small")
    finally:
        shell(["chown", "1000:1000", path])

    assert "Your home directory cannot be written" in text
    assert "belong to user and group 1000" in text
    command = ADMINISTRATORS.search(text)
    assert command is not None, text
    assert path in as_administrator(faulty.cluster, command[0])
    assert TITLE in ada.start(image="standard", size="small").text


def test_full_home_is_reported_or_can_be_cleaned_up(
    faulty: Service, ada: ClusterUser, own_node: Cluster
) -> None:
    if ada.model() is not None:
        ada.stop()
    path = home_path(faulty, "ada")
    options = "size=1m,uid=1000,gid=1000,mode=0700"
    shell = own_node.node_shell
    shell(["mount", "-t", "tmpfs", "-o", options, "full", path])
    try:
        shell(["sh", "-c", f"cat /dev/zero > {path}/filler 2> /dev/null || :"])
        page = ada.start(image="standard", size="small")

        # Either it is said, or the server runs so that something can be removed.
        if "<title>JupyterLab</title>" in page.text:
            kernel = ada.kernel()
            code = "import os; open('/home/cygnet/x', 'w').write('x' * 99999)"
            assert "No space left on device" in ada.run(kernel, code).error
            assert not ada.run(kernel, "os.remove('/home/cygnet/filler')").error
            assert not ada.run(kernel, code).error
        else:
            assert "home directory is full" in page.text
        ada.stop()
    finally:
        shell(["umount", path])


def test_quota_of_the_cluster_is_reported(faulty: Service, ada: ClusterUser) -> None:
    if ada.model() is not None:
        ada.stop()
    place = ("--namespace", f"{NAME}-user-ada")
    faulty.cluster.kubectl(*place, "create", "quota", "site", "--hard=pods=0")
    try:
        text = told(ada, image="standard", size="small")
    finally:
        faulty.cluster.kubectl(*place, "delete", "quota", "site")

    assert "The quota of your namespace has no room for your server" in text
    assert "Nothing can start with a quota of zero." in text


def test_quota_of_zero_is_reported_in_the_form(faulty: Service) -> None:
    with person(faulty, "bob", quota={"pods": 0}) as bob:
        text = told(bob, image="standard")

    assert "your quota has no room for a server" in text
    assert "ask your administrator" in text


def test_storage_that_does_not_exist_is_reported(faulty: Service) -> None:
    storage = {"storageClass": "no-such-class"}
    with person(faulty, "carol", storage=storage) as carol:
        text = told(carol, image="standard")

    assert "Your home directory cannot be made" in text
    assert "no-such-class" in text


def test_home_that_is_never_bound_is_reported(faulty: Service) -> None:
    if faulty.cluster.is_external:
        pytest.skip("A storage class belongs to all of a cluster.")
    never = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "cygnet-never"},
        "provisioner": "cygnet.org/never",
    }
    faulty.cluster.kubectl("apply", "-f", "-", stdin=json.dumps(never))
    try:
        storage = {"storageClass": "cygnet-never"}
        with person(faulty, "dora", storage=storage, startSeconds=10) as dora:
            text = told(dora, image="standard")
    finally:
        faulty.cluster.kubectl("delete", "storageclass", "cygnet-never")

    assert "no volume is bound to it" in text
    assert "storage class and its provisioner" in text


def test_size_that_no_machine_has_is_reported(faulty: Service) -> None:
    with person(faulty, "emil", startSeconds=10, **VAST) as emil:
        text = told(emil, size="vast")

    assert NO_MACHINE.format(10) in text
    assert "Choose a smaller size, or start again later." in text


def test_start_that_a_killed_hub_began_fails_with_the_reason(faulty: Service) -> None:
    # As long as a start takes that works, at the end.
    with person(faulty, "fred", startSeconds=25, **VAST) as fred:
        fred.ask_to_start(size="vast")
        place = ("--namespace", f"{NAME}-user-fred", "get", "pods", "-o", "name")
        until(lambda: "server-fred" in faulty.cluster.kubectl(*place), "there is a pod")
        faulty.kill("hub")

        reason = NO_MACHINE.format(25)
        until(lambda: reason in fred.get("/hub/home").text, "the reason is told")
        until(lambda: not faulty.cluster.kubectl(*place), "the pod is removed")
        assert "<title>JupyterLab</title>" in fred.start(size="small").text
