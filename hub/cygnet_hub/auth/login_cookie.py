"""Says how long a login lasts, and over which connections its cookies travel."""

from datetime import timedelta

from traitlets.config import Config

LIFETIME = timedelta(days=7)
"""How long a login counts, and what it opens on a server from then on."""


def bound(c: Config, *, is_secure: bool) -> None:
    """Let cookies end in the browser when they end here.

    Parameters
    ----------
    is_secure
        Whether browsers reach the service by https.

    Notes
    -----
    JupyterHub 6.1 leaves cookies in the browser for 30 days, counts them for 14, and
    gives a server's page 14 days from the moment that it is opened.
    """
    c.JupyterHub.cookie_max_age_days = LIFETIME.days
    c.JupyterHub.oauth_token_expires_in = round(LIFETIME.total_seconds())
    settings = c.JupyterHub.tornado_settings
    options = {**settings.get("cookie_options", {}), "expires_days": LIFETIME.days}
    # Scripts read this one, so JupyterHub sets it apart from the others.
    secure = {"secure": True} if is_secure else {}
    c.JupyterHub.tornado_settings = {
        **settings,
        "cookie_options": options,
        "xsrf_cookie_kwargs": {**options, **secure},
    }
