from pathlib import Path

import pytest
from cygnet_hub.auth.link_authenticator import LoginLinkAuthenticator
from cygnet_hub.kubernetes import configure, login_link
from cygnet_hub.kubernetes.errors import ProviderError
from cygnet_hub.kubernetes.spawner import PodSpawner
from traitlets.config import Config

from tests.support.pod_request import site
from tests.support.traits import unread

SECRETS = {"cookie-secret": "ab" * 32, "crypt-key": "cd" * 32, "proxy-token": "p"}
OIDC = {
    "issuer": "https://login.example.org",
    "clientId": "cygnet",
    "label": "Example",
}


def configured(tmp_path: Path, **values: object) -> Config:
    for key, value in SECRETS.items():
        (tmp_path / key).write_text(value)
    c = Config()
    configure.apply(c, site(**values), tmp_path)  # type: ignore[arg-type]  # pydantic's matter
    return c


def test_owner_logs_in_by_links_without_a_provider(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert c.JupyterHub.authenticator_class is LoginLinkAuthenticator
    assert c.LoginLinkAuthenticator.allowed_users == {"owner"}
    assert (
        "kubectl exec --namespace hub deploy/cygnet-hub"
        in c.LoginLinkAuthenticator.remedy
    )


@pytest.mark.parametrize("more", [{}, {"oidc": OIDC}], ids=["links", "provider"])
def test_every_setting_is_read_by_a_class_of_this_hub(
    tmp_path: Path, more: dict[str, object]
) -> None:
    (tmp_path / "oidc-client-secret").write_text("s")

    assert unread(configured(tmp_path, **more)) == []


def test_secrets_come_from_their_files(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert c.JupyterHub.cookie_secret == bytes.fromhex("ab" * 32)
    assert c.ConfigurableHTTPProxy.auth_token == SECRETS["proxy-token"]


def test_hub_and_servers_survive_each_other(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.cleanup_proxy is False
    assert c.ConfigurableHTTPProxy.should_start is False
    # A proxy that lost its routes has them again within this time.
    assert c.JupyterHub.last_activity_interval <= 10


def test_namespace_and_home_are_never_deleted_with_a_server(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert c.JupyterHub.spawner_class is PodSpawner
    assert c.PodSpawner.delete_pvc is False


def test_database_can_be_elsewhere(tmp_path: Path) -> None:
    assert configured(tmp_path).JupyterHub.db_url.startswith("sqlite:////var/lib/")
    (tmp_path / "database-url").write_text("postgresql://db/cygnet\n")

    assert configured(tmp_path).JupyterHub.db_url == "postgresql://db/cygnet"


def test_spawner_gives_up_before_jupyterhub_does(tmp_path: Path) -> None:
    c = configured(tmp_path, startSeconds=77)

    assert c.Spawner.start_timeout > 77


@pytest.mark.parametrize(
    ("public", "prefix", "start"),
    [
        ("", "/", "http://127.0.0.1:8000/hub/login-link?token="),
        ("", "/lab/", "http://127.0.0.1:8000/lab/hub/login-link?token="),
        ("https://x.example.org", "/", "https://x.example.org/hub/login-link?token="),
    ],
)
def test_link_leads_to_where_browsers_reach_the_service(
    tmp_path: Path, public: str, prefix: str, start: str
) -> None:
    chosen = site({"publicUrl": public, "prefix": prefix})

    assert login_link.issue(chosen, tmp_path).startswith(start)


def test_no_link_is_made_where_a_provider_logs_in(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="at Example, not by links"):
        login_link.issue(site(oidc=OIDC), tmp_path)


SHARE = {"shareUrl": "http://cygnet-share.hub.svc:8082"}
PUBLIC = {"publicUrl": "https://x.example.org/a/", "prefix": "/a/"}
SHARE_HOST = "u-share--1099a61a017c27a5baac338c7ab76d31.x.example.org"


@pytest.mark.parametrize(
    ("release", "route", "callback"),
    [
        (SHARE, "/services/share/", "/services/share/oauth_callback"),
        (
            {**SHARE, **PUBLIC, "hostPerPerson": True},
            f"{SHARE_HOST}/a/services/share/",
            f"https://{SHARE_HOST}/a/services/share/oauth_callback",
        ),
    ],
    ids=["one host", "a host of its own"],
)
def test_sharing_service_is_known_with_its_token(
    tmp_path: Path, release: dict[str, object], route: str, callback: str
) -> None:
    (tmp_path / "share-token").write_text(SECRETS["proxy-token"])

    c = configured(tmp_path, release=release)

    (found,) = (it for it in c.JupyterHub.services if it["name"] == "share")
    assert found["api_token"] == SECRETS["proxy-token"]
    assert found["oauth_redirect_uri"] == callback
    assert c.Proxy.extra_routes == {route: SHARE["shareUrl"]}
    assert unread(c) == []


def test_hub_knows_nothing_of_sharing_where_it_is_off(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert "share" not in str(c.JupyterHub)
    assert "Proxy" not in c
