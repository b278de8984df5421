"""The JSON calls about shares."""

from http import HTTPStatus
from types import MappingProxyType

from typing_extensions import override

from cygnet_share import share
from cygnet_share.api_model import ChangedShare, NewShare
from cygnet_share.call import Call
from cygnet_share.presence import present_json
from cygnet_share.right import Right
from cygnet_share.turn import Kind


class SharesCall(Call):
    """`shares`: the list, and a new one."""

    kinds = MappingProxyType({"post": Kind.ACT})

    @override
    async def get(self) -> None:
        """List the caller's shares and those shared with them, the newest first."""
        found = await self.run(share.listed, self.service.database, self.person)
        self.finish({"shares": [_listed_json(it) for it in found]})

    @override
    async def post(self) -> None:
        """Make a share."""
        title = self.body(NewShare).title
        made = await self.run(
            share.make,
            self.service.database,
            self.person,
            title,
            self.service.limits.max_bytes,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.CREATED)
        self.finish({"id": made})


class ShareCall(Call):
    """`shares/ID`: one share."""

    kinds = MappingProxyType({"put": Kind.ACT, "delete": Kind.ACT})

    @override
    async def get(self, number: str) -> None:
        """Say what the caller may know of it."""
        found = await self.run(
            share.detail, self.service.database, self.person, int(number)
        )
        answer = _detail_json(found)
        if found.right >= Right.EDIT:
            there = self.service.presence.of(found.id)
            answer["present"] = [present_json(it) for it in there]
        self.finish(answer)

    @override
    async def put(self, number: str) -> None:
        """Give it another title and end."""
        body = self.body(ChangedShare)
        await self.run(
            share.change,
            self.service.database,
            self.person,
            int(number),
            title=body.title,
            expires=body.expires,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    @override
    async def delete(self, number: str) -> None:
        """End a share."""
        await self.run(share.end, self.service.database, self.person, int(number))
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)


def _listed_json(found: share.Listed) -> dict[str, object]:
    """Give a share of a list as the service answers it."""
    return {
        "id": found.id,
        "title": found.title,
        "owner": found.owner,
        "is_mine": found.is_mine,
        "right": found.right.name.lower(),
        "head": found.head,
        "files": found.files,
        "bytes": found.bytes,
        "changed_at": found.changed_at and found.changed_at.isoformat(),
        "changed_by": found.changed_by,
        "expires": found.expires and found.expires.isoformat(),
        "is_shared": found.is_shared,
        "opened": found.opened,
    }


def _detail_json(found: share.Detail) -> dict[str, object]:
    """Give what is known of a share as the service answers it."""
    return {
        "id": found.id,
        "title": found.title,
        "owner": found.owner,
        "right": found.right.name.lower(),
        "head": found.head,
        "expires": found.expires and found.expires.isoformat(),
        "grants": [
            {
                "audience": it.audience,
                "principal": it.principal,
                "right": it.right.name.lower(),
                "expires": it.expires and it.expires.isoformat(),
            }
            for it in found.grants
        ],
        "opened": [
            {
                "name": it.name,
                "seq": it.seq,
                "seen_at": it.seen_at and it.seen_at.isoformat(),
                "places": it.places,
            }
            for it in found.opened
        ],
    }
