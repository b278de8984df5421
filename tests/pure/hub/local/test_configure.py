import shlex
import stat
from pathlib import Path

import pytest
from cygnet_hub.auth.link_authenticator import LoginLinkAuthenticator, token_of
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import command_line, configure, settings, share_service
from cygnet_hub.local.proxy import LocalTraefik
from cygnet_hub.local.settings import Settings
from cygnet_hub.local.spawner import LocalSpawner
from pydantic import SecretStr
from traitlets.config import Config

from tests.support.traits import unread

SHARE_VARIABLES = {
    "CYGNET_SERVICE",
    "CYGNET_SHARE_DIR",
    "CYGNET_SHARE_SETTINGS",
    "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED",
    "JUPYTERHUB_OAUTH_CALLBACK_URL",
    "JUPYTERHUB_PUBLIC_URL",
    "JUPYTERHUB_SERVICE_PREFIX",
    "JUPYTERHUB_SERVICE_URL",
}


def chosen(tmp_path: Path, **fields: object) -> Settings:
    places = {"data_dir": tmp_path / "data", "root_dir": tmp_path}
    return Settings.model_validate(places | fields)


def configured(tmp_path: Path, **fields: object) -> Config:
    c = Config()
    configure.apply(c, chosen(tmp_path, **fields))
    return c


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_refused_link_names_the_command_of_this_service(tmp_path: Path) -> None:
    c = configured(tmp_path / "it's")

    place = shlex.quote(str(tmp_path / "it's" / "data"))
    command = f"cygnet login-link --data-dir {place}"
    assert command in c.LoginLinkAuthenticator.remedy
    assert c.JupyterHub.template_vars["login_command"] == command


def test_usual_service_needs_no_directory() -> None:
    data = DataDirectory(settings.default_data_dir())

    assert command_line.command("up", data) == "cygnet up"


def test_everything_is_bound_to_loopback(tmp_path: Path) -> None:
    c = configured(tmp_path, port=8123, hub_port=8124, proxy_api_port=8125)

    assert c.JupyterHub.bind_url == "http://127.0.0.1:8123/"
    assert c.JupyterHub.hub_bind_url == "http://127.0.0.1:8124/hub/"
    assert c.LocalTraefik.traefik_api_url == "http://127.0.0.1:8125"
    assert c.Spawner.ip == "127.0.0.1"


def test_data_directory_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data" / "hub.sqlite").touch(mode=0o644)

    configured(tmp_path)

    assert mode(tmp_path / "data") == 0o700
    assert mode(tmp_path / "data" / "proxy") == 0o700
    assert mode(tmp_path / "data" / "hub.sqlite") == 0o600


def test_our_classes_are_used(tmp_path: Path) -> None:
    c = configured(tmp_path)

    assert c.JupyterHub.authenticator_class is LoginLinkAuthenticator
    assert c.JupyterHub.spawner_class is LocalSpawner
    assert c.JupyterHub.proxy_class is LocalTraefik


def test_every_setting_is_read_by_a_class_of_this_hub(tmp_path: Path) -> None:
    c = configured(tmp_path, api_token=SecretStr("t0ken"))

    assert unread(c) == []
    c.LocalTraefik.traefik_api_urls = "misspelt"
    assert unread(c) == ["LocalTraefik.traefik_api_urls"]


def test_only_the_owner_is_allowed(tmp_path: Path) -> None:
    c = configured(tmp_path, owner="Marie")

    assert c.LoginLinkAuthenticator.allowed_users == {"Marie"}
    assert c.LoginLinkAuthenticator.allow_existing_users is False
    assert "allow_all" not in c.LoginLinkAuthenticator


def test_command_line_gets_its_service_only_with_a_token(tmp_path: Path) -> None:
    assert "services" not in configured(tmp_path, sharing=False).JupyterHub

    c = configured(tmp_path, api_token=SecretStr("t0ken"), sharing=False)

    assert c.JupyterHub.services == [{"name": "cygnet", "api_token": "t0ken"}]
    (role,) = c.JupyterHub.load_roles
    assert "admin:users" not in role["scopes"]


def test_sharing_service_can_ask_who_there_is_and_change_nothing(
    tmp_path: Path,
) -> None:
    c = configured(tmp_path, share_port=8123, api_token=SecretStr("t0ken"))

    [_, entry] = c.JupyterHub.services
    roles = {it["name"]: set(it["scopes"]) for it in c.JupyterHub.load_roles}
    assert "url" not in entry
    assert entry["oauth_no_confirm"]
    assert set(entry["environment"]) <= {*share_service.KEPT, *SHARE_VARIABLES}
    assert all(it.startswith(("list:", "read:")) for it in roles["share"])
    assert roles["server"] == {
        "access:servers!server",
        "access:services!service=share",
        "users:activity!user",
    }
    assert c.JupyterHub.extra_user_scopes == ["access:services!service=share"]
    assert c.Proxy.extra_routes == {"/services/share/": "http://127.0.0.1:8123"}


def test_sharing_that_is_switched_off_leaves_nothing(tmp_path: Path) -> None:
    c = configured(tmp_path, sharing=False, api_token=SecretStr("t0ken"))

    assert [it["name"] for it in c.JupyterHub.services] == ["cygnet"]
    assert [it["name"] for it in c.JupyterHub.load_roles] == ["cygnet"]
    assert "extra_user_scopes" not in c.JupyterHub
    assert "extra_routes" not in c.Proxy


def test_server_inherits_the_environment_without_the_hubs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JAVA_HOME", "JUPYTERHUB_API_TOKEN", "CYGNET_OWNER", "JPY_API_TOKEN"):
        monkeypatch.setenv(name, "x")

    kept = configured(tmp_path).LocalSpawner.env_keep

    assert {"JAVA_HOME", "PATH"} <= set(kept)
    assert not [n for n in kept if n.startswith(("JUPYTERHUB_", "JPY_", "CYGNET_"))]


def test_native_kernel_of_the_service_is_not_offered(tmp_path: Path) -> None:
    arguments = configured(tmp_path).LocalSpawner.args

    assert "--KernelSpecManager.ensure_native_kernel=False" in arguments


@pytest.mark.parametrize(("uid", "is_allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, *, is_allowed: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)

    assert ("--allow-root" in configured(tmp_path).LocalSpawner.args) is is_allowed


def test_braces_in_the_directory_survive_jupyterhubs_format(tmp_path: Path) -> None:
    c = configured(tmp_path, root_dir=tmp_path / "a{b}c")

    assert c.LocalSpawner.notebook_dir.format(username="x") == str(tmp_path / "a{b}c")


@pytest.mark.parametrize(
    "pasted",
    [
        "s3cr-et_",
        "  s3cr-et_ \n",
        "http://127.0.0.1:8000/hub/login-link?token=s3cr-et_",
        "/hub/login-link?next=%2Fhub%2Fhome&token=s3cr-et_",
        "To log in open http://127.0.0.1:8000/hub/login-link?token=s3cr-et_ once",
    ],
)
def test_token_is_found_in_what_was_pasted(pasted: str) -> None:
    assert token_of(pasted) == "s3cr-et_"


@pytest.mark.parametrize("pasted", ["", "http://[", "?token=", "no link"])
def test_paste_without_a_token_is_no_fault(pasted: str) -> None:
    assert token_of(pasted) == pasted
