"""What a person may do with a share: a pure function of what the owner has granted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Right(IntEnum):
    """What a person may do; each one includes those below it."""

    VIEW = 1
    """Read it, open it here, clone it."""

    EDIT = 2
    """Publish changes, restore versions."""

    OWN = 3
    """Grant, revoke, end it."""


class Audience(StrEnum):
    """Whom a grant is for."""

    USER = "user"
    GROUP = "group"
    EVERYONE = "everyone"
    """Everyone who can log in."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person whom the hub has named for this request."""

    id: int
    """A name that changes hands gets another id."""

    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """A right for one person, a group, or everyone."""

    audience: Audience

    principal: str
    """The id of a person, the name of a group, or nothing for everyone."""

    right: Right

    expires: datetime | None = None
    """In UTC; None for no end."""

    def is_for(self, person: Person) -> bool:
        """Whether it is for a person."""
        return {
            Audience.USER: self.principal == str(person.id),
            Audience.GROUP: self.principal in person.groups,
            Audience.EVERYONE: True,
        }[self.audience]


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a share."""

    owner: int
    """The id of the person whose share it is."""

    grants: Iterable[Grant]

    expires: datetime | None = None
    """When it ends for all but the owner, in UTC; None for no end."""

    is_read_only: bool = False
    """Whether the owner's account is gone: then it can be read alone."""


def right_of(person: Person, rules: Rules, now: datetime) -> Right | None:
    """Decide what a person may do with a share.

    Parameters
    ----------
    person
        As the hub names them now.
    rules
        The share.
    now
        The service's clock, in UTC.

    Returns
    -------
    Right or None
        The highest right; None for nothing, not even to know that it exists.
    """
    if person.id == rules.owner:
        return Right.OWN
    if _has_ended(rules.expires, now):
        return None
    found = max(
        (
            it.right
            for it in rules.grants
            if it.is_for(person) and not _has_ended(it.expires, now)
        ),
        default=None,
    )
    if found is not None and rules.is_read_only:
        return Right.VIEW
    return found


def _has_ended(end: datetime | None, now: datetime) -> bool:
    """Whether a time has come."""
    return end is not None and end <= now
