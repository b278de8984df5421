"""What keeps a user from logging in.

HubError
└── LoginError           a user cannot be logged in, or not now
    ├── DownError        the identity provider does not answer
    ├── AnswerError      the identity provider's answer is not acceptable
    ├── GrantError       the identity provider has ended a user's login
    ├── RefusedError     the named user may not come in
    └── TooOftenError    a token was asked for just now
"""

from cygnet_hub.errors import HubError


class LoginError(HubError):
    """A user cannot be logged in, or not now.

    Parameters
    ----------
    reason
        What happened, without a full stop; it is shown to the user.
    remedy
        What the user can do, without a full stop.
    detail
        For the hub's log alone, without any secret.
    """

    status = 400
    """The page's status."""
    title = "This login was not finished"
    """The page's heading."""

    def __init__(self, reason: str, remedy: str, detail: str = "") -> None:
        super().__init__(reason, remedy)
        self.detail = detail


class DownError(LoginError):
    """The identity provider does not answer."""

    status = 503
    title = "Nobody can log in at the moment"


class AnswerError(LoginError):
    """The identity provider's answer is not acceptable."""

    status = 502
    title = "The login was not accepted"


class GrantError(LoginError):
    """The identity provider has ended a user's login."""

    status = 403
    title = "Your login has ended"


class RefusedError(LoginError):
    """The user whom the identity provider named may not come in."""

    status = 403
    title = "You cannot log in here"


class TooOftenError(LoginError):
    """A token was asked for just now."""

    status = 429

    def __init__(self) -> None:
        super().__init__("A token was asked for just now", "wait a few seconds")
