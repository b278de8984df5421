"""A real OpenID Connect provider in a process of its own: npm's `oidc-provider`.

A test changes people, keys and faults while it runs.
"""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from scripts.build_lab import find_node
from tests.support.client import ask
from tests.support.lock import alone
from tests.support.port import free_ports

HERE = Path(__file__).parent / "oidc_provider"
SECRET = "the-client-secret-of-the-tests"  # noqa: S105 - Of a provider that tests start.
AUDIENCE = "https://data.example.org"
PEOPLE: dict[str, dict[str, object]] = {
    "alice": {
        "sub": "subject-of-alice",
        "preferred_username": "alice",
        "groups": ["staff", "physics"],
    },
    "boss": {
        "sub": "subject-of-boss",
        "preferred_username": "boss",
        "groups": ["operators"],
    },
    "guest": {
        "sub": "subject-of-guest",
        "preferred_username": "guest",
        "groups": ["visitors"],
    },
}


class ProviderControl:
    """What a test can order while a provider runs."""

    control_url: str

    def order(self, what: str, value: object = None) -> None:
        """Change the provider while it runs."""
        ask("PUT", f"{self.control_url}/{what}", json=value).raise_for_status()

    def reset(self) -> None:
        """Make it as it was at first; what it knows of logins stays."""
        self.order("tamper")
        self.order("down", value=False)
        options = {"inIdToken": True, "refreshes": True, "tokenSeconds": 300}
        self.order("options", {**options, "discovery": {}})
        self.order("people", PEOPLE)

    def change(self, person: str, **claims: object) -> None:
        """Change claims of one person, all else as it was at first."""
        self.order("people", {**PEOPLE, person: {**PEOPLE[person], **claims}})

    def count(self, endpoint: str) -> int:
        """Tell how often an endpoint was called, by the last part of its address."""
        counts = ask("GET", f"{self.control_url}/counts").json()
        return int(counts.get(endpoint, 0))


@dataclass
class OidcProvider(ProviderControl):
    """A provider in a process of its own."""

    redirect_uris: list[str]
    logout_uris: list[str]
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.port, self.control_port = free_ports(2)
        self.control_url = f"http://127.0.0.1:{self.control_port}"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the provider and wait until it answers."""
        node = find_node()
        install()
        environment = {
            "ISSUER": self.issuer,
            "PORT": str(self.port),
            "CONTROL_PORT": str(self.control_port),
            "REDIRECT_URIS": json.dumps(self.redirect_uris),
            "LOGOUT_URIS": json.dumps(self.logout_uris),
            "PEOPLE": json.dumps(PEOPLE),
            "SECRET": SECRET,
        }
        self.process = subprocess.Popen(
            [node.node, "server.mjs"],
            cwd=HERE,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        # The provider warns on the same stream of what only a test would do.
        assert any(line.strip() == "ready" for line in self.process.stdout)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def install() -> None:
    """Install the provider's packages once."""
    node, lock = find_node(), HERE / "package-lock.json"
    stamp = HERE / "node_modules" / ".package-lock.json"
    with alone(HERE / "package.json"):
        if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(
                [*node.npm, "ci", "--no-audit", "--no-fund"],
                cwd=HERE,
                env=node.environment(),
                check=True,
                capture_output=True,
            )
