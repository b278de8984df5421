"""Ends a user's login: by the button of a page, and in every browser.

A copied cookie is worth nothing afterwards. Servers go on, and personal tokens, which
are made to be used without a browser, stay.
"""

from jupyterhub import orm
from jupyterhub.handlers.login import LogoutHandler
from typing_extensions import override

API_CLIENT = "jupyterhub"
"""The client of servers' own tokens and of personal ones, as JupyterHub calls it."""


def end_browser_logins(db: orm.Session, user: orm.User) -> None:
    """End what the browsers of a user hold.

    Notes
    -----
    JupyterHub 6.1 deletes the tokens of one session alone, which a browser chooses by
    a cookie, and leaves the login cookie as good as it was.
    """
    user.cookie_id = orm.new_token()
    for token in user.api_tokens:
        if token.client_id != API_CLIENT:
            db.delete(token)
    # What is given for a code would be a new token.
    db.query(orm.OAuthCode).filter_by(user_id=user.id).delete()
    db.commit()


class LogoutPage(LogoutHandler):
    """The page with the button, and what the button does.

    A link, an image or a frame of another page only asks for the page.
    """

    @override
    async def get(self) -> None:
        """Show the button, or the login page to a user who is logged out."""
        if not (self.current_user or self.get_current_user_cookie()):
            self.redirect(self.settings["login_url"])
            return
        self.set_header("Cache-Control", "no-store")
        self.finish(await self.render_template("log_out.html"))

    async def post(self) -> None:
        """Log out; JupyterHub has asked for the page's token by now."""
        # A login that the provider did not confirm for a while is one to be ended too.
        self._jupyterhub_user = self.current_user or self.get_current_user_cookie()
        await super().get()

    @override
    async def default_handle_logout(self) -> None:
        """End the login of this browser, then what others hold of it."""
        user = self.current_user
        await super().default_handle_logout()
        if user:
            end_browser_logins(self.db, user.orm_user)
