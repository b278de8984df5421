"""The JSON call by which a person says what they have open."""

from http import HTTPStatus

from typing_extensions import override

from cygnet_share.api_model import Opened
from cygnet_share.call import Call
from cygnet_share.errors import ForbiddenError
from cygnet_share.right import Right


class PresenceCall(Call):
    """`shares/ID/presence`: who has what open, among those who may edit."""

    max_body = 2**16

    @override
    async def put(self, number: str) -> None:
        """Note what the caller has open; it is forgotten after 50 seconds."""
        body = self.body(Opened)
        await self.run(self._ask, int(number))
        if self.service.presence.say(self.person, int(number), body.paths):
            self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)

    def _ask(self, number: int) -> None:
        """Ask for the right, and change nothing in the database."""
        database = self.service.database
        with database.transaction(self.person, number, Right.VIEW) as connection:
            right = database.right(connection, self.person, number)
        if right is None or right < Right.EDIT:
            raise ForbiddenError(number, "edit")
