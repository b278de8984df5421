"""The JSON call by which a person says what they have open."""

from http import HTTPStatus
from types import MappingProxyType

from typing_extensions import override

from cygnet_share.api_model import Opened
from cygnet_share.call import Call
from cygnet_share.right import Right
from cygnet_share.turn import Kind


class PresenceCall(Call):
    """`shares/ID/presence`: who has what open; those who may edit see it."""

    kinds = MappingProxyType({"put": Kind.PRESENCE})

    max_body = 2**16

    @override
    async def put(self, number: str) -> None:
        """Note what the caller has open; it is forgotten after 50 seconds."""
        body = self.body(Opened)
        await self.run(self.service.database.ask, self.person, int(number), Right.VIEW)
        if self.service.presence.say(self.person, int(number), body.paths):
            self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)
