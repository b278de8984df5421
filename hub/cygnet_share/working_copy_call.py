"""The JSON calls about working copies, each of which is about its caller alone."""

from dataclasses import asdict
from http import HTTPStatus

from typing_extensions import override

from cygnet_share import working_copy
from cygnet_share.api_model import Copy
from cygnet_share.call import Call, CallError
from cygnet_share.working_copy import WorkingCopy


class CopiesCall(Call):
    """`working-copies`: in which folders the caller works with shares."""

    @override
    async def get(self) -> None:
        """List them, also those of shares that are over."""
        found = await self.run(working_copy.listed, self.service.database, self.person)
        self.finish({"copies": [asdict(it) for it in found]})

    @override
    async def put(self) -> None:
        """Remember one, or what it holds now."""
        body = self.body(Copy)
        copy = WorkingCopy(body.share, body.place, body.base)
        database = self.service.database
        await self.run(working_copy.remember, database, self.person, copy)
        self.set_status(HTTPStatus.NO_CONTENT)

    @override
    async def delete(self) -> None:
        """Forget the one of the query."""
        share, place = self.number("share"), self.get_query_argument("place")
        if share is None:
            raise CallError(HTTPStatus.BAD_REQUEST, "Name a share by its number.")
        database = self.service.database
        await self.run(working_copy.forget, database, self.person, share, place)
        self.set_status(HTTPStatus.NO_CONTENT)
