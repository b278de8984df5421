from cygnet_hub import sharing
from cygnet_hub.pages import user_host
from cygnet_hub.sharing import SharingService
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from traitlets.config import Config

HERE = "http://127.0.0.1:8082"
APART = SharingService(target=HERE, subdomain_host="https://hub.example.org:8443")
HOST = APART.route.partition("/")[0]


def test_service_without_hosts_has_a_path() -> None:
    service = SharingService(target=HERE, prefix="/cygnet/")

    assert service.api == f"{HERE}/cygnet/services/share/api/"
    assert service.pages == service.route == "/cygnet/services/share/"
    assert service.variables["JUPYTERHUB_PUBLIC_URL"] == ""


def test_service_with_hosts_has_one_of_its_own() -> None:
    assert HOST.endswith(".hub.example.org")
    assert APART.pages == f"https://{HOST}:8443/services/share/"
    assert APART.api == f"{HERE}/services/share/api/"
    entry = APART.entry()
    assert entry["oauth_redirect_uri"] == f"{APART.pages}oauth_callback"
    assert APART.variables["JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED"] == "1"


@given(st.text(max_size=80) | st.sampled_from(["share", HOST, HOST.partition(".")[0]]))
def test_no_user_has_the_host_of_the_service(name: str) -> None:
    assert user_host.name_host(name, "hub.example.org", "user") != HOST


def test_what_is_configured_already_stays() -> None:
    c = Config()
    c.JupyterHub.services = [{"name": "other"}]
    c.JupyterHub.load_roles = [{"name": "other"}]

    sharing.configure(c, SharingService(target=HERE, token=SecretStr("t0ken")))

    assert [it["name"] for it in c.JupyterHub.services] == ["other", "share"]
    assert "t0ken" in c.JupyterHub.services[1].values()
    # Kubernetes starts it.
    assert "command" not in c.JupyterHub.services[1]
    assert {it["name"] for it in c.JupyterHub.load_roles} == {
        "other",
        "share",
        "server",
    }
