"""Reads an identity provider's metadata.

Takes the document of OpenID Connect Discovery 1.0 and returns the endpoints that the
hub calls, or refuses it with every problem that it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cygnet_hub.auth.errors import AnswerError
from cygnet_hub.auth.settings import Oidc

PATH = "/.well-known/openid-configuration"
"""Where the document is, below the issuer."""
REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "end_session_endpoint", "revocation_endpoint")
_BASIC = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where and how a provider is asked."""

    authorize: str
    """Where browsers are sent to."""
    token: str
    """Gives tokens for codes and refresh tokens."""
    keys: str
    """Has the public keys."""
    userinfo: str
    """Has claims; empty if there is none."""
    end_session: str
    """Where browsers are sent to for logging out; empty if there is none."""
    revoke: str
    """Ends a refresh token; empty if there is none."""
    takes_basic: bool
    """Whether the client's secret goes into a header, not into the form."""
    names_itself: bool
    """Whether each answer in a browser must name the issuer (RFC 9207)."""


def read(document: object, oidc: Oidc) -> Endpoints:
    """Read the document.

    Parameters
    ----------
    document
        The decoded JSON.
    oidc
        Names the issuer, and says whether it may do without TLS.

    Raises
    ------
    AnswerError
        With every problem in its detail.
    """
    if not isinstance(document, Mapping):
        raise _refused(["it is not a JSON object"])
    problems = []
    # Letter for letter, or one tenant of a provider could speak for another.
    if document.get("issuer") != oidc.issuer:
        said = f"{document.get('issuer')!s:.200}"
        problems.append(f"it names the issuer {said}, not {oidc.issuer}")
    found = {name: document.get(name) or "" for name in (*REQUIRED, *OPTIONAL)}
    problems += [f"{name} is missing" for name in REQUIRED if not found[name]]
    problems += [
        f"{name} is not an address with TLS"
        for name, url in found.items()
        if url and not _is_safe(url, oidc)
    ]
    if problems:
        raise _refused(problems)
    methods = document.get("token_endpoint_auth_methods_supported")
    listed = methods if isinstance(methods, list) else [_BASIC]
    itself = document.get("authorization_response_iss_parameter_supported") is True
    authorize, token, keys, userinfo, end_session, revoke = map(str, found.values())
    return Endpoints(
        authorize,
        token,
        keys,
        userinfo,
        end_session,
        revoke,
        takes_basic="client_secret_post" not in listed and _BASIC in listed,
        names_itself=itself,
    )


def _is_safe(url: object, oidc: Oidc) -> bool:
    """Return whether an address may be called with secrets."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    schemes = {"https", "http"} if oidc.allow_insecure_issuer else {"https"}
    return parts.scheme in schemes and bool(parts.hostname) and not parts.fragment


def _refused(problems: list[str]) -> AnswerError:
    return AnswerError(
        "The identity provider's metadata cannot be used",
        "report this to your administrator",
        "discovery: " + "; ".join(problems),
    )
