"""The JSON calls about who may what."""

from http import HTTPStatus

from typing_extensions import override

from cygnet_share import share
from cygnet_share.api_model import NewGrant
from cygnet_share.call import Call, CallError
from cygnet_share.right import Audience, Grant, Right


class GrantsCall(Call):
    """`shares/ID/grants`: who may what."""

    @override
    async def put(self, number: str) -> None:
        """Grant a right, in the place of the one that the same audience had."""
        body = self.body(NewGrant)
        given = Grant(
            body.audience,
            await self.principal(body.audience, body.principal),
            Right[body.right.upper()],
            body.expires,
        )
        await self.run(
            share.grant, self.service.database, self.person, int(number), given
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    @override
    async def delete(self, number: str) -> None:
        """Revoke what the audience of the query has."""
        audience = Audience(self.get_query_argument("audience"))
        principal = await self.principal(
            audience, self.get_query_argument("principal", "")
        )
        await self.run(
            share.revoke,
            self.service.database,
            self.person,
            int(number),
            audience,
            principal,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    async def principal(self, audience: Audience, name: str) -> str:
        """Give what the database knows an audience by."""
        if audience is not Audience.USER:
            return "" if audience is Audience.EVERYONE else name
        found = await self.service.person_of(name)
        if found is None:
            message = f"There is no user “{name}”. Look the name up, and try again."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return str(found.id)
