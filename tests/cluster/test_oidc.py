"""People log in at a real provider in the cluster, through the chart."""

import json
from collections.abc import Generator

import httpx
import pytest

from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser, heading, until
from tests.support.helm import Service
from tests.support.oidc import fields
from tests.support.oidc_pod import OidcPod, oidc_pod, sign_in
from tests.support.values import merged

NAME = "cygnet-oidc"
HOST = "cygnet.test"
HOST_ROUTING = "--host-routing"
WARNING = "then set acceptOneOrigin: false"
ASK = """
import json, os, urllib.error, urllib.request
url = os.environ["JUPYTERHUB_API_URL"] + "/cygnet/access-token"
headers = {"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""
SEEN = """
import json, os
print(json.dumps(dict(os.environ)))
"""


@pytest.fixture(scope="module")
def service(images: Cluster) -> Generator[Service]:
    """A release of its own: that of the other tests keeps its login links."""
    values = helm.small(images)
    with helm.installed(images, NAME, NAME, values) as service:
        yield service


@pytest.fixture(scope="module")
def provider(images: Cluster, service: Service) -> Generator[OidcPod]:
    """The provider; from now on the service knows no login links any more."""
    with oidc_pod(images, service) as provider:
        service.upgrade(merged(helm.small(images), provider.values(service)))
        yield provider


@pytest.fixture
def alice(service: Service, provider: OidcPod) -> Generator[ClusterUser]:
    provider.reset()
    with ClusterUser(service.url, "alice") as user:
        # The hub may still take the provider for one that is down.
        until(lambda: sign_in(user.http, "alice").url.path == "/hub/home", "it is up")
        yield user


def test_button_leads_to_the_provider_and_back(
    service: Service, provider: OidcPod
) -> None:
    with ClusterUser(service.url, "alice") as user:
        page = user.get("/hub/home")
        assert heading(page) == "Log in"
        assert "Log in with Example University" in page.text

        home = sign_in(user.http, "alice")

        assert home.url.path == "/hub/home"
        assert str(home.url).startswith(service.url)
        assert user.call_hub("GET", "/user").json()["groups"]
    assert provider.count("token") > 0


def test_user_outside_the_groups_reads_which_one_is_missing(
    service: Service, provider: OidcPod
) -> None:
    provider.reset()
    with ClusterUser(service.url, "guest") as user:
        page = sign_in(user.http, "guest")

        assert page.status_code == 403
        assert "“staff”" in page.text


def test_removed_member_is_logged_out(alice: ClusterUser, provider: OidcPod) -> None:
    provider.change("alice", groups=["visitors"])

    until(lambda: alice.get("/hub/home").url.path == "/hub/login", "it was asked")

    assert sign_in(alice.http, "alice").status_code == 403


def test_logout_goes_to_the_provider(alice: ClusterUser, service: Service) -> None:
    page = alice.submit(alice.get("/hub/logout"))

    assert fields(page, "post_logout_redirect_uri") == [f"{service.url}/hub/login"]
    assert heading(alice.get("/hub/home")) == "Log in"


def test_server_gets_tokens_of_its_owner_and_nothing_else(
    alice: ClusterUser, provider: OidcPod
) -> None:
    page = alice.start()
    assert page.is_success, page.text
    kernel = alice.kernel()

    status, _, body = alice.run(kernel, ASK).text.partition(" ")
    assert status == "200"
    assert sorted(json.loads(body)) == ["access_token", "expires_in"]
    seen = json.loads(alice.run(kernel, SEEN).text)
    assert not [it for it in seen if "OIDC" in it or "REFRESH" in it]
    assert not [it for it in seen.values() if it.startswith("eyJ")]

    # The server goes on while the provider is down.
    provider.order("down", value=True)
    assert alice.lab("api/status").is_success
    assert alice.run(kernel, "1 + 1").text == "2"
    with ClusterUser(alice.url, "guest") as other:
        other.http.follow_redirects = False
        until(lambda: other.get("/hub/oauth_login").status_code == 503, "it is told")
    provider.order("down", value=False)
    alice.stop()


def dry_run(service: Service, values: dict[str, object]) -> str:
    """Give what an upgrade would say and change."""
    asked = ("upgrade", service.release, str(helm.CHART), "--dry-run=server")
    place = f"--namespace={service.namespace}"
    result = helm.run(service.cluster, *asked, place, values=values)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_upgrade_gives_persons_host_names_only_when_asked(
    alice: ClusterUser, service: Service, provider: OidcPod
) -> None:
    assert alice.start().is_success
    shared = merged(helm.small(service.cluster), provider.values(service))
    silent = {key: it for key, it in shared.items() if key != "acceptOneOrigin"}
    told = dry_run(service, silent)
    assert WARNING in told
    assert HOST_ROUTING not in told

    apart = {**silent, "publicUrl": f"https://{HOST}"}
    service.upgrade({**apart, "acceptOneOrigin": False})

    told = dry_run(service, apart)
    assert WARNING not in told
    assert HOST_ROUTING in told

    def asked(host: str) -> httpx.Response:
        url = f"{service.url}/user/alice/api"
        return httpx.get(url, headers={"Host": host}, timeout=30)

    # The server that ran before is found at its new host name, and at no other.
    until(lambda: asked(f"alice.{HOST}").is_success, "it is routed")
    assert "version" in asked(f"alice.{HOST}").json()
    for host in (HOST, f"bob.{HOST}"):
        assert asked(host).headers["location"].startswith(f"https://{HOST}/hub/user/")
