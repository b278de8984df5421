"""The JSON calls about who may what."""

from http import HTTPStatus
from types import MappingProxyType

from typing_extensions import override

from cygnet_share import share
from cygnet_share.api_model import NewGrant
from cygnet_share.call import Call, CallError
from cygnet_share.errors import PolicyError
from cygnet_share.right import Audience, Grant, Right
from cygnet_share.turn import Kind

ONE_PERSON = "This service has one person; on Kubernetes you can share."
"""Why nothing can be granted on one machine."""


class GrantsCall(Call):
    """`shares/ID/grants`: who may what."""

    kinds = MappingProxyType({"put": Kind.ACT, "delete": Kind.ACT})

    @override
    async def put(self, number: str) -> None:
        """Grant a right, in the place of the one that the same audience had."""
        body = self.body(NewGrant)
        self._allow(body.audience)
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
        asked = self.get_query_argument("audience", "")
        if asked not in set(Audience):
            message = f"“audience” is one of {', '.join(Audience)}."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        name = self.get_query_argument("principal", "")
        audience, database = Audience(asked), self.service.database
        await self.run(share.revoke, database, self.person, int(number), audience, name)
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    def _allow(self, audience: Audience) -> None:
        """Refuse what the operator does not allow."""
        operator = self.service.operator
        if not operator.several:
            raise PolicyError(ONE_PERSON)
        if audience is Audience.EVERYONE and not operator.everyone:
            message = (
                "Your administrator does not allow shares for everyone who can log "
                "in. Share it with people or groups."
            )
            raise PolicyError(message)

    async def principal(self, audience: Audience, name: str) -> str:
        """Give what the database knows an audience by."""
        if audience is not Audience.USER:
            return "" if audience is Audience.EVERYONE else name
        found = await self.asked(self.service.person_of(name))
        if found is None:
            message = f"There is no user “{name}”. Look the name up, and try again."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return str(found.id)
