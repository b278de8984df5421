"""Configures JupyterHub for one machine: each function sets one concern.

They set values on JupyterHub's configuration object, and make the directories and files
that those values name; `apply` calls them all. Everything listens on 127.0.0.1 and is
kept in the data directory.
"""

import os

from tornado.log import app_log
from traitlets.config import Config

from cygnet_hub import private_file, sharing
from cygnet_hub.auth import login_cookie
from cygnet_hub.auth.link_authenticator import Access, LoginLinkAuthenticator
from cygnet_hub.local import (
    command_line,
    lab_defaults,
    program,
    settings,
    share_service,
)
from cygnet_hub.local import (
    pages as local_page,
)
from cygnet_hub.local.proxy import GRACE, LocalTraefik, binary_directory
from cygnet_hub.local.settings import Settings
from cygnet_hub.local.spawner import LocalSpawner
from cygnet_hub.pages import handlers, outage, page_policy

LOOPBACK = "127.0.0.1"
FOREIGN = ("JUPYTERHUB_", "JPY_", "CONFIGPROXY_", "CYGNET_")
"""Variables that a notebook server must not inherit from where the hub started."""


def apply(c: Config, chosen: Settings) -> None:
    """Configure everything."""
    for concern in (
        files,
        addresses,
        proxy,
        pages,
        login,
        command,
        share,
        spawner,
        logs,
        metrics,
        faults,
    ):
        concern(c, chosen)


def files(c: Config, chosen: Settings) -> None:
    """Keep database and secrets in the data directory, for its owner alone."""
    private_file.make_directory(chosen.data_dir)
    database = chosen.data.database
    # SQLite gives its journals the mode of the database, so that comes first.
    database.touch(mode=0o600)
    database.chmod(0o600)
    c.JupyterHub.db_url = f"sqlite:///{database}"
    c.JupyterHub.cookie_secret_file = str(chosen.data.cookie_secret)


def addresses(c: Config, chosen: Settings) -> None:
    """Bind everything to loopback."""
    c.JupyterHub.bind_url = f"http://{LOOPBACK}:{chosen.port}/"
    c.JupyterHub.hub_bind_url = f"http://{LOOPBACK}:{chosen.hub_port}/hub/"
    c.JupyterHub.hub_connect_url = f"http://{LOOPBACK}:{chosen.hub_port}"
    c.Spawner.ip = LOOPBACK


def proxy(c: Config, chosen: Settings) -> None:
    """Run Traefik, quietly and without calls to the outside."""
    folder = private_file.make_directory(chosen.data.proxy)
    # Otherwise a client's X_Forwarded_For could pass for the proxy's own header.
    strict = {"aliasHeadersStrategy": "delete"}
    grace = GRACE.total_seconds()
    c.JupyterHub.proxy_class = LocalTraefik
    c.LocalTraefik.static_config_file = str(folder / "traefik.toml")
    c.LocalTraefik.dynamic_config_file = str(folder / "rules.toml")
    c.LocalTraefik.traefik_api_url = f"http://{LOOPBACK}:{chosen.proxy_api_port}"
    c.LocalTraefik.traefik_env = {"PATH": str(binary_directory())}
    c.LocalTraefik.traefik_log_level = "WARN"
    c.LocalTraefik.extra_static_config = {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "entryPoints": {
            "http": {
                "http": strict,
                # Traefik 3 cuts requests off after a minute; uploads take longer.
                "transport": {
                    "respondingTimeouts": {"readTimeout": "0s"},
                    "lifeCycle": {"graceTimeOut": f"{grace:g}s"},
                },
            },
            "auth_api": {"http": strict},
        },
    }


def login(c: Config, chosen: Settings) -> None:
    """Let the owner in by one-time links."""
    c.JupyterHub.authenticator_class = LoginLinkAuthenticator
    c.LoginLinkAuthenticator.settings = Access(chosen.owner, chosen.data.login_links)
    link = command_line.command("login-link", chosen.data)
    c.LoginLinkAuthenticator.remedy = f"Run “{link}” in a terminal of this machine"
    c.LoginLinkAuthenticator.allowed_users = {chosen.owner}
    c.LoginLinkAuthenticator.allow_existing_users = False
    login_cookie.bound(c, is_secure=False)


def command(c: Config, chosen: Settings) -> None:
    """Let `cygnet status` and `cygnet stop` ask what runs, with the token if set."""
    token = chosen.api_token.get_secret_value()
    if not token:
        return
    c.JupyterHub.services = [{"name": "cygnet", "api_token": token}]
    scopes = ["list:users", "read:users", "read:servers", "access:servers"]
    # The state of a server says how it ended.
    scopes += ["admin:server_state"]
    c.JupyterHub.load_roles = [
        {"name": "cygnet", "services": ["cygnet"], "scopes": scopes}
    ]


def share(c: Config, chosen: Settings) -> None:
    """Start the sharing service, unless it is switched off."""
    if chosen.sharing:
        sharing.configure(c, share_service.service(chosen))


def spawner(c: Config, chosen: Settings) -> None:
    """Run the notebook server as a process of the owner."""
    kept = settings.hub_environment(chosen)
    c.JupyterHub.spawner_class = LocalSpawner
    c.LocalSpawner.settings = chosen
    c.LocalSpawner.cmd = program.command("cygnet_lab.singleuser")
    c.LocalSpawner.args = lab_defaults.arguments(chosen.data.lab)
    if os.geteuid() == 0:
        c.LocalSpawner.args += ["--allow-root"]
    c.LocalSpawner.env_keep = [n for n in kept if not n.startswith(FOREIGN)]
    # JupyterHub puts this through str.format.
    root = str(chosen.root_dir)
    c.LocalSpawner.notebook_dir = root.replace("{", "{{").replace("}", "}}")


def pages(c: Config, chosen: Settings) -> None:
    """Show our pages in place of JupyterHub's of the same name."""
    page_policy.apply(c)
    c.HandlerOverrides.pages = local_page.handlers(chosen)
    c.JupyterHub.template_paths = [str(handlers.TEMPLATES)]
    c.JupyterHub.template_vars = {
        "root_dir": str(chosen.root_dir),
        "data_dir": str(chosen.data_dir),
        "login_command": command_line.command("login-link", chosen.data),
    }


def logs(c: Config, chosen: Settings) -> None:
    """Keep session ids out of the log, for which JupyterHub 6.1 has no setting."""
    del c, chosen
    app_log.addFilter(lambda record: "xsrf cookie for" not in str(record.msg))


def metrics(c: Config, chosen: Settings) -> None:
    """Take no measurement twenty times a second, for hours in which nothing happens."""
    del chosen
    c.PeriodicMetricsCollector.event_loop_interval_enabled = False


def faults(c: Config, chosen: Settings) -> None:
    """Notice within seconds what died, and never give up because of it."""
    del chosen
    c.Spawner.poll_interval = 2
    # A hub that is back serves its pages while it looks for the server it had.
    c.JupyterHub.init_spawners_timeout = 1
    c.Spawner.http_timeout = 90
    c.Spawner.start_timeout = 120
    c.Spawner.consecutive_failure_limit = 0
    outage.configure(c)
