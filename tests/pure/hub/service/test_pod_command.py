"""`cygnet status`, `doctor` and the others inside a pod of a release."""

import http.server
import json
import sqlite3
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from cygnet_hub import settings_model
from cygnet_hub.cli import cygnet
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.environment import ServerPod
from cygnet_hub.errors import HubError, SettingsError
from cygnet_hub.location import HubPod
from cygnet_hub.service import pod_command, release_doctor, status
from typing_extensions import override

from tests.support.pod_request import RELEASE

KEYS = {it: f"{it}-word" for it in release_doctor.KEYS}
POD = {
    "CYGNET_POD_NAME": "server-ada",
    "CYGNET_POD_NAMESPACE": "cygnet-user-ada",
    "JUPYTERHUB_API_URL": "http://cygnet-hub.hub.svc:8081/hub/api",
}


@dataclass
class Release:
    """A hub and its proxy, as their pods answer; both listen in one place."""

    folder: Path
    users: list[dict[str, Any]] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def report(self) -> status.Report:
        return pod_command.report(HubPod(), self.secrets)

    def doctor(self) -> dict[str, str]:
        found = pod_command.examine(HubPod(), self.secrets, DataDirectory(self.folder))
        return {it.subject: str(it) for it in found}

    def write(self, **config: object) -> None:
        url = f"http://127.0.0.1:{self.port}"
        hub = f"http://cygnet-hub.hub.svc:{self.port}"
        release = {**RELEASE, "hubUrl": hub, "proxyApiUrl": url}
        settings_model.FILE.write_text(json.dumps({**config, "release": release}))

    def answer(self, path: str, token: str) -> tuple[int, object]:
        parts = urlsplit(path)
        if parts.path in self.silent:
            return 503, {"message": "The service's database does not answer."}
        if parts.path == "/api/routes":
            good = token == "token proxy-token-word"  # noqa: S105 - as written below
            return (200, {"/": {}, "/user/ada/": {}}) if good else (403, {})
        if parts.path == "/hub/api/users":
            asked = {
                k: int(v[0]) for k, v in parse_qs(parts.query).items() if k != "state"
            }
            begin = asked["offset"]
            good = token == "token api-token-word"  # noqa: S105 - as above
            page = self.users[begin : begin + min(200, asked["limit"])]
            return (200, page) if good else (403, {})
        return (200, {}) if parts.path == "/hub/health" else (404, {})


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Release]:
    """Run a release; this process is in its hub's pod."""
    found = Release(tmp_path)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "")
            code, content = found.answer(self.path, token)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        @override
        def log_message(self, *_: Any) -> None:
            pass

    monkeypatch.setattr(settings_model, "FILE", tmp_path / "settings.json")
    found.secrets.mkdir()
    for key, word in KEYS.items():
        (found.secrets / key).write_text(word)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        found.write()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        server.shutdown()


def user(name: str, *states: str) -> dict[str, Any]:
    servers = {str(n): {"ready": it == "ready"} for n, it in enumerate(states)}
    return {"name": name, "servers": servers}


def test_status_is_of_the_release_in_the_hubs_pod(release: Release) -> None:
    release.users = [user("ada", "ready", "pending"), user("bob", "ready")]

    found = CliRunner().invoke(cygnet, ["status"], standalone_mode=False)

    assert "Cygnet 0.1.0 is the release cygnet in the namespace hub." in found.output
    assert "service of" not in found.output
    told = release.report()
    assert told.code == status.RUNNING
    assert "  servers: 2 running, of 2 users; 1 starting or stopping" in told.lines
    assert "  proxy: answers, with 2 routes" in told.lines
    assert "  login: links for owner" in told.lines


def test_status_counts_more_servers_than_a_page_has(release: Release) -> None:
    release.users = [user(f"user{n}", "ready") for n in range(450)]

    assert "  servers: 450 running, of 450 users" in release.report().lines


@pytest.mark.parametrize(
    ("path", "line", "remedy"),
    [
        ("/hub/health", "  hub: does not answer", "logs deployment/cygnet-hub"),
        ("/hub/api/users", "  database: does not answer", "`cygnet doctor`"),
        ("/api/routes", "  proxy: does not answer", "logs deployment/cygnet-proxy"),
    ],
)
def test_status_says_what_does_not_answer(
    release: Release, path: str, line: str, remedy: str
) -> None:
    release.silent = {path}

    told = release.report()

    assert told.code == status.DIED
    assert line in told.lines
    assert remedy in told.lines[-1]


def test_database_is_not_blamed_for_a_hub_that_lets_no_user_in(
    release: Release,
) -> None:
    (release.secrets / "api-token").write_text("an-old-token")

    told = release.report()

    assert told.code == status.DIED
    assert "  database: not known" in told.lines
    assert "it answers 403" in told.lines[-1]


def test_doctor_goes_on_after_a_name_that_cannot_be_one(release: Release) -> None:
    image = f"{'a' * 64}.example/a:1"
    release.write(images=[{"name": "a", "label": "A", "image": image}])

    found = release.doctor()

    assert "is not found here" in found[f"Registry {'a' * 64}.example"]


def test_doctor_checks_the_release_in_the_hubs_pod(release: Release) -> None:
    with sqlite3.connect(release.folder / "hub.sqlite") as database:
        database.execute("create table users (name)")
    release.write(images=[{"name": "a", "label": "A", "image": "127.0.0.1:5000/a:1"}])

    found = release.doctor()

    assert found["Settings"].startswith("good   Settings: read, of the release cygnet")
    for subject in ("Secret", "Database", "Hub", "Proxy", "Registry 127.0.0.1"):
        assert found[subject].startswith("good"), found[subject]
    # This process has no account of a cluster.
    assert "networkPolicy.hubEgress" in found["Kubernetes API"]
    assert "PySpark" not in found


def test_doctor_names_every_fault_with_a_remedy(release: Release) -> None:
    release.silent = {"/hub/api/users", "/api/routes"}
    (release.secrets / "crypt-key").unlink()
    image = "registry.invalid/a:1"
    release.write(
        images=[{"name": "a", "label": "A", "image": image}],
        oidc={
            "issuer": "http://127.0.0.1:1",
            "clientId": "a",
            "allowInsecureIssuer": True,
        },
    )

    found = release.doctor()

    assert "lacks crypt-key" in found["Secret"]
    assert "unable to open database file" in found["Database"]
    assert "503 The service's database does not answer" in found["Hub's API"]
    assert "503" in found["Proxy"]
    assert "config.oidc.issuer" in found["Identity provider"]
    assert "is not found here" in found["Registry registry.invalid"]
    assert not (release.folder / "hub.sqlite").exists()


def test_settings_that_cannot_be_read_are_reported(release: Release) -> None:
    release.write(sizes=[], storage={"size": "much"})

    with pytest.raises(SettingsError) as caught:
        release.report()
    assert {it.key for it in caught.value.problems} == {
        "config.sizes",
        "config.storage.size",
    }


@pytest.mark.parametrize("name", ["up", "stop"])
def test_commands_for_one_machine_say_what_to_do_instead(
    release: Release, name: str
) -> None:
    found = CliRunner().invoke(cygnet, [name], standalone_mode=False)

    assert isinstance(found.exception, HubError)
    assert "the hub's pod of the release cygnet" in found.exception.reason
    assert "kubectl --namespace hub" in found.exception.remedy
    assert not (release.folder / "service.json").exists()


def test_users_pod_speaks_of_its_release(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in POD.items():
        monkeypatch.setenv(key, value)

    refused = [
        CliRunner().invoke(cygnet, [it], standalone_mode=False).exception
        for it in ("up", "stop", "login-link")
    ]

    for error in refused:
        assert isinstance(error, HubError)
        assert "belongs to the release cygnet in the namespace hub" in error.reason
        assert "the service's page" in error.remedy


def test_users_pod_says_whether_its_hub_answers(release: Release) -> None:
    api = f"http://127.0.0.1:{release.port}/hub/api"
    pod = ServerPod("server-ada", "cygnet-user-ada", api, "")

    told = pod_command.report(pod)

    assert told.code == status.DIED
    assert "pod server-ada in the namespace cygnet-user-ada" in told.lines[0]
    assert told.lines[1] == "  hub: it answers 404"
    assert "Home directory" in [it.subject for it in pod_command.examine(pod)]


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("cygnet-user:0.1.0", ""),
        ("team/cygnet-user", ""),
        ("localhost/cygnet-user:0.1.0", ""),
        ("registry.example.org/team/a@sha256:0", "registry.example.org"),
        ("registry:5000/a:1", "registry"),
        ("[fd00::1]:5000/a", "fd00::1"),
        ("[fd00::1]/a", "fd00::1"),
    ],
)
def test_registry_is_the_host_in_an_images_name(image: str, host: str) -> None:
    assert release_doctor.registry(image) == host
