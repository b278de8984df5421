"""The hub's image, started alone."""

import json
import re
from collections.abc import Generator

import pytest

from tests.cluster.node.image import VERSION
from tests.support.cluster import Cluster
from tests.support.lone_pod import LonePod, lone_pod
from tests.support.source import ROOT

DATA = "/var/lib/cygnet"
CONFIG = """
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {}

c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "null"
c.JupyterHub.hub_ip = "127.0.0.1"
"""
START = """
cat > /tmp/config.py
jupyterhub --config /tmp/config.py > /tmp/log 2>&1 &
for i in $(seq 120); do
  python - <<'P' && exit 0
import sys, urllib.request
try:
    print(urllib.request.urlopen("http://127.0.0.1:8081/hub/api").read().decode())
except OSError:
    sys.exit(1)
P
  sleep 0.5
done
cat /tmp/log; exit 1
"""
IMPORTS = """
import importlib.metadata, json
import cygnet_hub.auth.oidc_authenticator, psycopg2
from cygnet_hub.kubernetes import configure, spawner
names = ("cygnet", "jupyterhub", "jupyterhub-kubespawner", "oauthenticator", "pyjwt")
print(json.dumps({it: importlib.metadata.version(it) for it in names}))
"""


@pytest.fixture(scope="module")
def hub(images: Cluster) -> Generator[LonePod]:
    with lone_pod(images, "hub", "sleep", "600", folders=(DATA,)) as pod:
        pod.wait("condition=Ready")
        yield pod


def test_hub_has_what_the_lock_says(hub: LonePod) -> None:
    lock = (ROOT / "images/hub/requirements.txt").read_text()
    wanted = dict(re.findall(r"^(\S+)==(\S+)", lock, re.MULTILINE))

    found = json.loads(hub.run("/opt/cygnet/bin/python", "-c", IMPORTS))

    assert found.pop("cygnet") == VERSION
    assert found == {it: wanted[it] for it in found}


def test_hub_serves_its_api(hub: LonePod) -> None:
    told = hub.run("sh", "-c", START, stdin=CONFIG)

    assert '"version": "6.' in told


def test_hub_has_its_command(hub: LonePod) -> None:
    assert hub.run("cygnet", "--version").split()[-1] == VERSION


def test_hub_checks_values(hub: LonePod) -> None:
    check = "cat > /tmp/values.yaml; cygnet check /tmp/values.yaml; echo code $?"
    tolerations = "config: {placement: {tolerations: [{key: a, operatr: Exists}]}}"

    good = hub.run("sh", "-c", check, stdin="config: {quota: {cpu: 16}}")
    bad = hub.run("sh", "-c", check, stdin=tolerations)

    assert good.endswith("code 0\n")
    assert "did you mean operator?" in bad
    assert bad.endswith("code 1\n")


def test_hub_without_settings_says_what_is_missing(images: Cluster) -> None:
    with lone_pod(images, "hub", folders=(DATA,)) as pod:
        ending = pod.ending()

        assert ending["exitCode"] != 0
        assert "/etc/cygnet/settings.json" in pod.log()
