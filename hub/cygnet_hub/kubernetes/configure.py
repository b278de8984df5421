"""Configures JupyterHub for Kubernetes: each function sets one concern.

The functions only set values on JupyterHub's configuration object; `apply` calls
them all. `pages` says what the pages show, `oidc_authenticator` how to log in at a
provider.
"""

from pathlib import Path
from urllib.parse import urlsplit

from tornado.log import app_log
from traitlets.config import Config

from cygnet_hub import sharing
from cygnet_hub.auth import login_cookie, oidc_authenticator
from cygnet_hub.auth.link_authenticator import Access, LoginLinkAuthenticator
from cygnet_hub.kubernetes import pages, share_service
from cygnet_hub.kubernetes.settings import (
    DATA,
    SECRETS,
    KubernetesSettings,
    Release,
    secret,
)
from cygnet_hub.kubernetes.spawner import PodSpawner
from cygnet_hub.pages import outage, page_policy, user_host

READ = ("list:users", "read:users", "read:servers", "admin:server_state")
"""What the token of the Secret may ask the hub, for status and preflight."""


def apply(c: Config, chosen: KubernetesSettings, secrets: Path = SECRETS) -> None:
    """Configure everything.

    Parameters
    ----------
    secrets
        Where the hub's Secret is mounted.
    """
    database(c, secrets)
    addresses(c, chosen)
    origin(c, chosen)
    proxy(c, chosen, secrets)
    login(c, chosen, secrets)
    command(c, secrets)
    share(c, chosen, secrets)
    spawner(c, chosen)
    pages.apply(c, chosen)
    logs()
    faults(c, chosen)


def database(c: Config, secrets: Path) -> None:
    """Keep what the hub knows on its volume, or where an address says.

    Parameters
    ----------
    secrets
        Where the hub's Secret is mounted.
    """
    c.JupyterHub.db_url = (
        secret("database-url", secrets) or f"sqlite:///{DATA.database}"
    )
    # A new version of the hub brings its tables up to date by itself.
    c.JupyterHub.upgrade_db = True
    if cookies := secret("cookie-secret", secrets):
        c.JupyterHub.cookie_secret = bytes.fromhex(cookies)


def addresses(c: Config, chosen: KubernetesSettings) -> None:
    """Say where the hub listens, and how pods reach it."""
    release = chosen.release
    hub = urlsplit(release.hub_url)
    c.JupyterHub.bind_url = f"http://:8000{release.prefix}"
    c.JupyterHub.hub_bind_url = "http://:8081"
    c.JupyterHub.hub_connect_url = f"{hub.scheme}://{hub.netloc}"


def origin(c: Config, chosen: KubernetesSettings) -> None:
    """Say where browsers reach the hub and servers, and what they may do there.

    Parameters
    ----------
    chosen
        Says where, and whether each user's servers have a host name.
    """
    release = chosen.release
    public = urlsplit(release.public_url)
    page_policy.apply(c, release.public_url)
    if release.public_url:
        c.JupyterHub.public_url = f"{public.scheme}://{public.netloc}{release.prefix}"
    if release.host_per_person:
        c.JupyterHub.subdomain_host = f"{public.scheme}://{public.netloc}"
        c.JupyterHub.subdomain_hook = user_host.name_host
        # No page of a user's host can set a cookie of such a name.
        c.JupyterHub.cookie_host_prefix_enabled = True


def proxy(c: Config, chosen: KubernetesSettings, secrets: Path) -> None:
    """Use the proxy that has a pod of its own.

    Parameters
    ----------
    chosen
        Says where its API is.
    secrets
        Where the hub's Secret is mounted.
    """
    c.JupyterHub.proxy_class = "configurable-http-proxy"
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = chosen.release.proxy_api_url
    c.ConfigurableHTTPProxy.auth_token = secret("proxy-token", secrets) or ""
    # Neither a hub that ends nor one that starts touches servers and routes.
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    # A proxy that was restarted has lost its routes; with the activity of servers
    # the hub compares them and restores what is missing.
    c.JupyterHub.last_activity_interval = 10


def login(c: Config, chosen: KubernetesSettings, secrets: Path) -> None:
    """Log users in at the provider, or the owner by one-time links.

    Parameters
    ----------
    chosen
        Has the provider, or names the owner.
    secrets
        Where the hub's Secret is mounted.
    """
    login_cookie.bound(c, is_secure=chosen.release.public_url.startswith("https:"))
    if chosen.oidc is not None:
        oidc_authenticator.configure(
            c,
            chosen.oidc,
            lambda key: secret(key, secrets),
            authorities=chosen.release.extra_ca,
            callback=_callback(chosen.release),
        )
        return
    c.JupyterHub.authenticator_class = LoginLinkAuthenticator
    c.LoginLinkAuthenticator.settings = Access(chosen.owner, DATA.login_links)
    c.LoginLinkAuthenticator.allowed_users = {chosen.owner}
    c.LoginLinkAuthenticator.allow_existing_users = False
    c.LoginLinkAuthenticator.remedy = f"Run “{pages.link_command(chosen)}”"
    c.LoginLinkAuthenticator.one_person = (
        f"While no identity provider is set up, this service is for one user, "
        f"{chosen.owner}. docs/administering/login.md says how to let others log in."
    )


def _callback(release: Release) -> str:
    """Return where the provider sends browsers back to."""
    if not release.public_url:
        return ""
    parts = urlsplit(release.public_url)
    path = f"{release.prefix.rstrip('/')}/hub/oauth_callback"
    return f"{parts.scheme}://{parts.netloc}{path}"


def command(c: Config, secrets: Path) -> None:
    """Let the holder of the Secret's token ask what runs.

    Parameters
    ----------
    secrets
        Where the hub's Secret is mounted.
    """
    if token := secret("api-token", secrets):
        c.JupyterHub.services = [{"name": "cygnet", "api_token": token}]
        c.JupyterHub.load_roles = [
            {"name": "cygnet", "services": ["cygnet"], "scopes": list(READ)}
        ]


def share(c: Config, chosen: KubernetesSettings, secrets: Path) -> None:
    """Let the sharing service ask who calls it, and servers and browsers reach it.

    Parameters
    ----------
    chosen
        Says where it is, if there is one.
    secrets
        Where the hub's Secret is mounted.
    """
    token = secret("share-token", secrets) or ""
    if (found := share_service.service(chosen.release, token)) is not None:
        sharing.configure(c, found)


def spawner(c: Config, chosen: KubernetesSettings) -> None:
    """Run every server as a pod in its user's namespace."""
    c.JupyterHub.spawner_class = PodSpawner
    c.PodSpawner.settings = chosen
    c.PodSpawner.enable_user_namespaces = True
    c.PodSpawner.user_namespace_template = f"{chosen.release.name}-user-{{username}}"
    c.PodSpawner.pod_name_template = "server-{user_server}"
    c.PodSpawner.pvc_name_template = "home"
    c.PodSpawner.delete_pvc = False
    # Events are read in the user's namespace alone, while a server starts.
    c.PodSpawner.events_enabled = False
    c.PodSpawner.delete_grace_period = 10
    c.PodSpawner.ip = "0.0.0.0"  # noqa: S104 - the pod's own address
    c.PodSpawner.port = 8888


def logs() -> None:
    """Keep session ids out of the log."""
    app_log.addFilter(lambda record: "xsrf cookie for" not in str(record.msg))


def faults(c: Config, chosen: KubernetesSettings) -> None:
    """Notice within seconds what died, and never give up because of it.

    Parameters
    ----------
    chosen
        Says how long a start may take.
    """
    # Answered from the watch, without a call.
    c.Spawner.poll_interval = 3
    # A hub that is back serves its pages while it looks for the servers it had.
    c.JupyterHub.init_spawners_timeout = 1
    c.Spawner.http_timeout = 60
    # The spawner gives up first, because it knows why.
    c.Spawner.start_timeout = chosen.start_seconds + 60
    c.Spawner.consecutive_failure_limit = 0
    outage.configure(c)
    c.JupyterHub.concurrent_spawn_limit = 0
