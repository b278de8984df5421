"""The proxy's image, started alone."""

import json
import time
from collections.abc import Generator
from typing import Any

import pytest

from tests.support.cluster import Cluster
from tests.support.lone_pod import LonePod, lone_pod
from tests.support.source import ROOT

TOKEN = "0123456789abcdef"  # noqa: S105 - Of this test alone.
ASK = """
const [url, token, method, body] = process.argv.slice(1);
const headers = token ? {Authorization: `token ${token}`} : {};
const attempt = (left) => fetch(url, {method, headers, body}).then(
  async (it) => console.log(JSON.stringify([it.status, await it.text()])),
  (error) => {
    // The container counts as ready before its process listens.
    if (left === 0) throw error;
    setTimeout(attempt, 250, left - 1);
  });
attempt(240);
"""


@pytest.fixture(scope="module")
def proxy(images: Cluster) -> Generator[LonePod]:
    with lone_pod(images, "proxy", env={"CONFIGPROXY_AUTH_TOKEN": TOKEN}) as pod:
        pod.wait("condition=Ready")
        yield pod


def ask(
    pod: LonePod, url: str, token: str = "", method: str = "GET", body: str = ""
) -> list[Any]:
    command = ["node", "-e", ASK, url, token, method, *([body] if body else [])]
    return list(json.loads(pod.run(*command)))


def test_proxy_keeps_its_routes_from_strangers(proxy: LonePod) -> None:
    api = "http://localhost:8001/api/routes"

    assert ask(proxy, api)[0] == 403
    assert ask(proxy, api, TOKEN) == [200, "{}"]


def test_proxy_serves_a_route(proxy: LonePod) -> None:
    api = "http://localhost:8001/api/routes/own"
    target = json.dumps({"target": "http://localhost:8001"})

    assert ask(proxy, "http://localhost:8000/own/")[0] == 404
    assert ask(proxy, api, TOKEN, "POST", target)[0] == 201
    # The API knows no such page, but it is the API that answers, without a token.
    assert ask(proxy, "http://localhost:8000/own/api/routes")[0] in {403, 404}
    assert ask(proxy, "http://localhost:8000/other/")[0] == 404


def test_proxy_is_what_the_lock_says(proxy: LonePod) -> None:
    lock = json.loads((ROOT / "images/proxy/package-lock.json").read_text())
    wanted = lock["packages"]["node_modules/configurable-http-proxy"]["version"]

    assert proxy.run("configurable-http-proxy", "--version").strip() == wanted


def test_proxy_ends_at_once_when_asked(images: Cluster) -> None:
    with lone_pod(images, "proxy") as pod:
        pod.wait("condition=Ready")
        begun = time.monotonic()
        pod.end()

    # A process that ignored the signal would be killed after a minute.
    assert time.monotonic() - begun < 20
