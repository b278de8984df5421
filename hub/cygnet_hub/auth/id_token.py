"""Decides whether a token that an identity provider signed is good.

Asymmetric signatures only, by one of the provider's keys; then issuer, audience and
time, for an id token also the authorised party, the nonce and the subject (OpenID
Connect Core 1.0, 3.1.3.7 and 12.2). Fetching the keys is left to `jwks`.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import jwt
from jwt.algorithms import get_default_algorithms
from jwt.types import Options

from cygnet_hub.auth.errors import AnswerError

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    | {"ES256", "ES384", "ES512", "EdDSA"}
)
"""The accepted ones; with a shared secret the hub could forge, and so could others."""
LEEWAY = timedelta(seconds=60)
"""By how much the provider's clock may differ from ours."""
_LONGEST_SUBJECT = 255
_OPTIONS: Options = {
    "require": ["iss", "aud", "sub", "exp", "iat"],
    # Times are looked at here, where the clock is a parameter.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

Claims = Mapping[str, object]
"""What a token says, by name."""
Keys = Sequence[Mapping[str, object]]
"""Public keys as JSON Web Keys."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a token must say to be taken."""

    issuer: str
    """Who must have signed it."""
    audience: str
    """Whom it must be for."""


@dataclass(frozen=True, slots=True)
class Login:
    """What ties an id token to one login."""

    nonce: str
    """What was sent with the login."""
    subject: str = ""
    """Whose it must be; known at a refresh, when the nonce may be left out."""
    access_token: str = ""
    """The token that came with it."""


def key_id(token: object) -> str | None:
    """Read which key a token names, without trusting it.

    Parameters
    ----------
    token
        A compact JSON Web Token, or what was sent in its place.

    Returns
    -------
    str or None
        The header's `kid`.

    Raises
    ------
    AnswerError
        If it is no such token.
    """
    kid = _header(token).get("kid")
    return kid if isinstance(kid, str) else None


def verify(token: object, keys: Keys, signed: Signed, now: datetime) -> Claims:
    """Check signature, issuer, audience and time.

    Parameters
    ----------
    token
        A compact JSON Web Token, or what was sent in its place.
    signed
        By whom and for whom it must be.
    now
        The time, with its zone.

    Raises
    ------
    AnswerError
        If anything is wrong with it; the detail says what.
    """
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        _refuse(f"the signature's algorithm is {algorithm!r}")
    key = _key(keys, header)
    try:
        claims: dict[str, object] = jwt.decode(
            str(token),
            key,
            algorithms=[str(algorithm)],
            audience=signed.audience,
            issuer=signed.issuer,
            options=_OPTIONS,
        )
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        _refuse(f"{type(error).__name__}: {error}")
    _check_times(claims, now)
    return claims


def verify_login(
    token: object, keys: Keys, signed: Signed, login: Login, now: datetime
) -> Claims:
    """Check an id token.

    Parameters
    ----------
    signed
        By whom and for whom it must be.
    login
        The login that it must belong to.
    now
        The time, with its zone.

    Raises
    ------
    AnswerError
        If anything is wrong with it; the detail says what.
    """
    claims = verify(token, keys, signed, now)
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or party is not None) and party != signed.audience:
        _refuse("it was issued to another client (azp)")
    # At a refresh it may be left out, but never be another.
    is_due = not login.subject or "nonce" in claims
    if is_due and not _equal(claims.get("nonce"), login.nonce):
        _refuse("its nonce is not that of this login")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        _refuse("its subject is empty or too long")
    if login.subject and subject != login.subject:
        _refuse("it is about another user")
    if login.access_token and "at_hash" in claims:
        algorithm = str(_header(token)["alg"])
        if not _equal(claims["at_hash"], half_hash(login.access_token, algorithm)):
            _refuse("it does not belong to the access token that came with it")
    return claims


def half_hash(text: str, algorithm: str) -> str:
    """Give the hash that binds an access token to an id token.

    Returns
    -------
    str
        The left half of the digest, in base64url (OpenID Connect Core, 3.1.3.6).
    """
    digest = get_default_algorithms()[algorithm].compute_hash_digest(text.encode())
    half = digest[: len(digest) // 2]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")


def _refuse(detail: str) -> NoReturn:
    """Refuse a token, saying in the log what is wrong with it."""
    reason = "The identity provider's token did not pass the checks"
    remedy = "log in again, and report it to your administrator if that happens twice"
    raise AnswerError(reason, remedy, f"the token was refused: {detail}")


def _header(token: object) -> Mapping[str, object]:
    """Read a token's header without trusting it."""
    if not isinstance(token, str):
        _refuse("there is none")
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        _refuse(f"{type(error).__name__}: {error}")


def _key(keys: Keys, header: Mapping[str, object]) -> jwt.PyJWK:
    """Find the key that a header names, for its algorithm and for signatures."""
    algorithm, kid = str(header["alg"]), header.get("kid")
    fitting = [
        it
        for it in keys
        if it.get("use", "sig") == "sig" and it.get("alg", algorithm) == algorithm
    ]
    if kid is not None:
        fitting = [it for it in fitting if it.get("kid") == kid]
    for it in fitting if kid is not None or len(fitting) == 1 else ():
        try:
            return jwt.PyJWK.from_dict(dict(it), algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, TypeError):
            # A key of another type cannot have made this signature.
            continue
    _refuse(f"the provider has no key {kid!r} for {algorithm}")


def _check_times(claims: Claims, now: datetime) -> None:
    """Refuse a token of the past or of the future."""
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    if _number(claims["exp"]) + leeway <= seconds:
        _refuse("it has expired")
    for name in ("iat", "nbf"):
        if name in claims and _number(claims[name]) - leeway > seconds:
            _refuse(f"it is of the future ({name})")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse("one of its times is not a number")
    return value


def _equal(value: object, expected: str) -> bool:
    """Compare in constant time."""
    return isinstance(value, str) and hmac.compare_digest(
        value.encode(), expected.encode()
    )
