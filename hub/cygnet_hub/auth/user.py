"""Decides who a user is, and whether the user may come in.

Takes claims whose origin was checked. A name is letters, digits and `._@+-`, so that
it is safe in paths, logs and pages; issuer and subject identify a user, not the
name.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cygnet_hub.auth.errors import RefusedError
from cygnet_hub.auth.settings import Oidc

ASK = "ask your administrator"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
_LONGEST_GROUP = 255


@dataclass(frozen=True, slots=True)
class User:
    """A user whom the identity provider has named."""

    name: str
    """The user's name in small letters."""
    identity: str
    """A digest of issuer and subject, the same for ever."""
    groups: frozenset[str]
    """The names of the groups."""


def lacks(claims: Mapping[str, object], oidc: Oidc) -> bool:
    """Return whether the user's name or groups are missing.

    Parameters
    ----------
    claims
        Those of the id token, perhaps none.

    Returns
    -------
    bool
        True if the user's name or groups are not among them.
    """
    needed = (oidc.username_claim, oidc.groups_claim)
    return any(_claim(claims, it) is None for it in needed)


def identify(claims: Mapping[str, object], oidc: Oidc) -> User:
    """Read who a user is.

    Parameters
    ----------
    claims
        Checked claims with a subject.

    Raises
    ------
    RefusedError
        If there is no usable name or list of groups.
    """
    name = _claim(claims, oidc.username_claim)
    if not isinstance(name, str) or not name:
        reason = (
            f"{oidc.label} did not send your user name (the claim "
            f"“{oidc.username_claim}”)"
        )
        raise RefusedError(reason, f"{ASK} to have it sent")
    if not _NAME.fullmatch(name):
        reason = (
            f"Your user name at {oidc.label}, “{name[:80]}”, cannot be used here: it "
            "may have up to 64 letters, digits and . _ @ + - and starts with a letter "
            "or digit"
        )
        raise RefusedError(reason, f"{ASK} which other claim could name you")
    # Users may enter an address that is another user's.
    if oidc.username_claim == "email" and claims.get("email_verified") is False:
        reason = f"{oidc.label} has not verified your address {name}"
        raise RefusedError(reason, "verify it there, then log in again")
    # Every user who may list users sees this, and learns no subject from it.
    text = f"{oidc.issuer}\n{claims['sub']}"
    identity = hashlib.sha256(text.encode()).hexdigest()
    return User(name.lower(), identity, _groups(claims, oidc))


def admit(user: User, oidc: Oidc) -> None:
    """Let a user in, or say what is missing.

    Raises
    ------
    RefusedError
        If the user is in none of them.
    """
    wanted = oidc.allowed_groups
    if not wanted or user.groups & {*wanted, *oidc.admin_groups}:
        return
    named = " or ".join(f"“{it}”" for it in wanted)
    reason = (
        f"You are known at {oidc.label} as {user.name}, but are not in the group "
        f"{named}, which this service is for"
    )
    raise RefusedError(reason, f"{ASK} to add you to it, then log in again")


def is_admin(user: User, oidc: Oidc) -> bool | None:
    """Return whether a user administers the service.

    Returns
    -------
    bool or None
        ``None`` when the provider has no say in it.
    """
    if not oidc.admin_groups:
        return None
    return not user.groups.isdisjoint(oidc.admin_groups)


def check_same(name: str, identity: str, known: str, oidc: Oidc) -> None:
    """Refuse a user who comes under another user's name.

    Parameters
    ----------
    known
        The identity that first had this name here; empty if it is new.

    Raises
    ------
    RefusedError
        If that was another user's.
    """
    if known in ("", identity):
        return
    reason = (
        f"The user name {name} belongs to another user of {oidc.label} here; that "
        "user's files stay closed to you"
    )
    raise RefusedError(reason, f"{ASK} to remove the former user, or to rename you")


def _groups(claims: Mapping[str, object], oidc: Oidc) -> frozenset[str]:
    """Read the groups; no claim means none."""
    value = _claim(claims, oidc.groups_claim)
    listed = [value] if isinstance(value, str) else value
    if listed is None:
        return frozenset()
    if not isinstance(listed, list) or not all(isinstance(it, str) for it in listed):
        reason = (
            f"{oidc.label} did not send your groups as a list of names (the claim "
            f"“{oidc.groups_claim}”)"
        )
        raise RefusedError(reason, f"{ASK} to have that corrected")
    return frozenset(it for it in listed if 0 < len(it) <= _LONGEST_GROUP)


def _claim(claims: Mapping[str, object], name: str) -> object:
    """Find a claim by its name, or by a path e.g. `realm_access.roles`."""
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
