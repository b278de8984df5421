"""A real JupyterHub at a host name, by https, with a host name for each person or not.

Anybody logs in by a name alone, as in `cluster_hub`. What their servers show to a
browser is an empty page: a test runs there what its owner could have put into it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cygnet_hub.kubernetes import configure as cluster_configure
from playwright.sync_api import Page
from traitlets.config import Config

from tests.support import cluster_hub, offered
from tests.support.authority import make_authority
from tests.support.hub import running_hub
from tests.support.lab import SITE
from tests.support.port import free_ports
from tests.support.source import ROOT
from tests.support.tls_front import tls_front

_EXTRA = """
import sys
sys.path.insert(0, {root!r})
from tests.support import origin_hub
origin_hub.configure(c, {url!r}, {is_apart!r})
{extra}
"""
LOG_IN = """async (name) => {
  const token = document.querySelector("[name=_xsrf]").value;
  const body = new URLSearchParams({_xsrf: token, username: name, password: ""});
  await fetch("/hub/login", {method: "POST", body});
}"""


def configure(c: Config, url: str, is_apart: bool) -> None:  # noqa: FBT001 - written by us.
    """Put one hub of Kubernetes at an address."""
    cluster_hub.configure(c, {}, {})
    release = {**offered.RELEASE, "publicUrl": url, "hostPerPerson": is_apart}
    cluster_configure.origin(c, offered.settings(release=release))
    c.Names.admin_users = {"root"}
    c.JupyterHub.load_roles += [
        {"name": "user", "scopes": ["self", "tokens!user", "servers!user"]}
    ]


@contextmanager
def running_origin_hub(
    directory: Path, *, is_apart: bool, extra: str = ""
) -> Generator[str]:
    """Run such a hub, and give the address of its front."""
    (port,) = free_ports(1)
    url = f"https://{SITE}:{port}"
    text = _EXTRA.format(root=str(ROOT), url=f"{url}/", is_apart=is_apart, extra=extra)
    authority = make_authority(directory / "authority")
    with (
        running_hub(directory, text) as hub,
        tls_front(port, hub.settings.port, authority.server),
    ):
        yield url


def log_in(page: Page, url: str, name: str) -> None:
    """Let a browser be a person's."""
    page.goto(f"{url}/hub/login")
    page.evaluate(LOG_IN, name)


def start(page: Page, url: str) -> str:
    """Start the person's server by the form, and give its address."""
    page.goto(f"{url}/hub/spawn")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/user/**")
    return page.url
