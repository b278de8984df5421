"""Puts our pages before JupyterHub's of the same address, with every authenticator."""

from jupyterhub.auth import Authenticator
from traitlets import List
from typing_extensions import override

from cygnet_hub.pages.logout import LogoutPage


class HandlerOverrides(Authenticator):
    """The part of an authenticator that has nothing to do with login.

    Notes
    -----
    JupyterHub 6.1 asks its own handlers before `JupyterHub.extra_handlers`, and
    the authenticator's before both.
    """

    logout_handler = LogoutPage
    pages: List[tuple[object, ...]] = List().tag(config=True)

    @override
    def get_handlers(self, app: object) -> list[tuple[object, ...]]:
        """Return our pages, then those of the login."""
        logout = (r"/logout", self.logout_handler)
        return [*self.pages, logout, *super().get_handlers(app)]
