"""What is kept, encrypted, of a user's login while it lasts.

JupyterHub keeps it as the user's `auth_state`. It never leaves the hub: no server gets
any of it.
"""

from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from cygnet_hub.auth.id_token import Claims
from cygnet_hub.auth.settings import Oidc


class LoginSession(BaseModel):
    """A login."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    """Whose it is, as the provider says."""
    nonce: str
    """What was sent with the login."""
    id_token: str
    """The last one; by it the provider knows who logs out."""
    refresh_token: str = ""
    """Empty when the provider gave none."""
    confirmed: datetime
    """When the provider last said who it is and in which groups."""

    @classmethod
    def load(cls, state: object) -> Self | None:
        """Read it back.

        Parameters
        ----------
        state
            The user's `auth_state`.

        Returns
        -------
        LoginSession or None
            ``None`` when there is none, or none of ours.
        """
        try:
            return cls.model_validate(state) if state else None
        except ValidationError:
            return None

    def state(self) -> dict[str, object]:
        """Write it down.

        Returns
        -------
        dict of str to object
            For `auth_state`.
        """
        return self.model_dump(mode="json")

    def renewed(self, answer: Claims) -> Self:
        """Take over the tokens of an answer.

        Returns
        -------
        LoginSession
            With the new refresh token, the old one if there is no new one.
        """
        token = answer.get("refresh_token")
        update = {"refresh_token": token} if isinstance(token, str) and token else {}
        return self.model_copy(update=update)

    def is_fresh(self, oidc: Oidc, now: datetime) -> bool:
        """Return whether it still counts without having been confirmed again.

        Parameters
        ----------
        now
            The time, with its zone.

        Returns
        -------
        bool
            False when the user has to log in again.
        """
        return now - self.confirmed < timedelta(seconds=oidc.grace_seconds)
