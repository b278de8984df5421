"""The token of a pod changes every hour; Spark's client has to read it anew."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typing_extensions import override

from tests.support import monitored
from tests.support.kernel import RunningKernel

MAKE_CLIENT = """
jvm = spark._jvm
k8s = jvm.org.apache.spark.deploy.k8s
jvm.System.setProperty("kubernetes.auth.serviceAccount.token", {token!r})
jvm.System.setProperty("kubernetes.auth.tryKubeConfig", "false")
conf = sc._jsc.sc().conf().clone()
for key, value in {settings!r}.items():
    conf.set(key, value)
nothing = jvm.scala.Option.apply(None)
kinds = getattr(k8s, "SparkKubernetesClientFactory$ClientType$")
client = k8s.SparkKubernetesClientFactory.createKubernetesClient(
    {url!r}, nothing, "spark.kubernetes.authenticate",
    getattr(kinds, "MODULE$").Driver(), conf, nothing)
"""
ASK = "client.pods().inNamespace('n').list().getItems().size()"
PODS = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}
REFUSAL = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401}


class ApiServer(ThreadingHTTPServer):
    """Answers whoever brings the token that is valid now."""

    valid = "first"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        is_valid = self.headers.get("Authorization") == f"Bearer {self.server.valid}"
        text = json.dumps(PODS if is_valid else REFUSAL).encode()
        self.send_response(200 if is_valid else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ApiServer]:
    made = ApiServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def make_client(
    kernel: RunningKernel, server: ApiServer, token: Path, **settings: str
) -> None:
    token.write_text(server.valid)
    code = MAKE_CLIENT.format(token=str(token), url=server.url, settings=settings)
    monitored.run(kernel, code)
    assert monitored.run(kernel, ASK).result == "0"
    server.valid = "second"
    token.write_text(server.valid)


def test_token_that_changed_is_read_again(
    watched: RunningKernel, server: ApiServer, tmp_path: Path
) -> None:
    make_client(watched, server, tmp_path / "token")

    assert monitored.run(watched, ASK).result == "0"
    monitored.run(watched, "client.close()")


def test_token_named_by_a_setting_would_not_be(
    watched: RunningKernel, server: ApiServer, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    key = "spark.kubernetes.authenticate.oauthTokenFile"
    make_client(watched, server, token, **{key: str(token)})

    outcome = watched.execute(ASK)

    assert "401" in outcome.error_text
    monitored.run(watched, "client.close()")
