"""The headers of the hub's pages: which scripts run, and on which host.

JupyterHub (6.1) has no setting for a script's nonce, nor for the hosts that it answers
to, so its own handlers are changed here. Servers have pages of their own.
"""

import re
import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jinja2.ext import Extension
from jupyterhub.handlers.base import BaseHandler
from tornado.web import HTTPError
from traitlets.config import Config
from typing_extensions import override

from cygnet_hub.pages import user_host, wrapping

_HSTS_SECONDS = 365 * 24 * 3600
_SCRIPT = re.compile(r"<script\b")
_NONCE = "csp_nonce"
_namespace = BaseHandler.template_namespace.fget


class ScriptNonce(Extension):
    """Marks the scripts that a template itself has; what is filled in gets no mark."""

    @override
    def preprocess(
        self, source: str, name: str | None, filename: str | None = None
    ) -> str:
        """Add the nonce to each script of a template's text."""
        return _SCRIPT.sub(f'<script nonce="{{{{ {_NONCE} }}}}"', source)


def apply(c: Config, public_url: str = "") -> None:
    """Configure what the hub's pages say of themselves.

    Parameters
    ----------
    public_url
        Where browsers reach the service; empty on one machine.
    """
    BaseHandler.content_security_policy = property(_policy)
    BaseHandler.template_namespace = property(_with_nonce)
    wrapping.once(BaseHandler, "prepare", _on_own_host)
    c.JupyterHub.jinja_environment_options = {"extensions": [ScriptNonce]}
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        # A page that one of ours opens, or that opens it, has no hold on it.
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if urlsplit(public_url).scheme == "https":
        headers["Strict-Transport-Security"] = f"max-age={_HSTS_SECONDS}"
    c.JupyterHub.tornado_settings = {
        # A page of another site sends no cookie with its forms and frames.
        "cookie_options": {"samesite": "Lax"},
        "headers": headers,
    }


def _policy(handler: Any) -> str:  # noqa: ANN401 - JupyterHub has no types.
    """Return the policy of a page whose scripts load further ones of their own."""
    return "; ".join(
        (
            f"script-src 'nonce-{_nonce(handler)}' 'strict-dynamic'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            f"report-uri {handler.csp_report_uri}",
        )
    )


def _with_nonce(handler: Any) -> dict[str, Any]:  # noqa: ANN401 - JupyterHub has no types.
    return {**_namespace(handler), _NONCE: _nonce(handler)}


def _nonce(handler: Any) -> str:  # noqa: ANN401 - JupyterHub has no types.
    """Return a request's nonce; a page that says an error keeps that of its request."""
    if not hasattr(handler, _NONCE):
        setattr(handler, _NONCE, secrets.token_urlsafe(16))
    return str(getattr(handler, _NONCE))


def _on_own_host(original: Any) -> Any:  # noqa: ANN401 - JupyterHub has no types.
    async def prepare(self: Any) -> None:  # noqa: ANN401 - See above.
        """Keep the hub off users' hosts, whose pages could read its own there."""
        settings, request = self.settings, self.request
        is_users = bool(settings.get("subdomain_host")) and user_host.is_below(
            request.host_name, settings["domain"]
        )
        if not is_users or not request.path.startswith(self.hub.base_url):
            await original(self)
            return
        public: SplitResult = settings["public_url"]
        if request.method not in {"GET", "HEAD"} or "/api/" in request.path:
            raise HTTPError(HTTPStatus.MISDIRECTED_REQUEST)
        # A server that was started before there were such hosts sends browsers here.
        self.redirect(f"{public.scheme}://{public.netloc}{request.uri}")

    return prepare
