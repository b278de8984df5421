"""The shares of a person for the page of their list."""

from collections.abc import Sequence

from cygnet_share import share
from cygnet_share.database import Database
from cygnet_share.right import Person, Right
from cygnet_share.share import Listed
from cygnet_share.viewer import when
from cygnet_share.viewer.shares import Item

_WORDS = {Right.VIEW: "can view", Right.EDIT: "can edit"}


def items(database: Database, person: Person) -> Sequence[Item]:
    """Give the shares that a person owns or may view, the newest first."""
    return [_item(it) for it in share.listed(database, person)]


def _item(listed: Listed) -> Item:
    """Give a share of the list for the page."""
    return Item(
        listed.id,
        listed.title,
        listed.owner,
        listed.is_mine,
        _may(listed),
        listed.head,
        listed.files,
        listed.bytes,
        listed.changed_at,
    )


def _may(listed: Listed) -> str:
    """Say what the person may do, or of an own share whether others may see it."""
    end = "" if listed.expires is None else f" until {when.words(listed.expires)}"
    if listed.right is Right.OWN:
        return f"with others{end}" if listed.is_shared else "with nobody else"
    return f"{_WORDS[listed.right]}{end}"
