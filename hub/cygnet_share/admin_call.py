"""The JSON calls of administrators; each asks the hub whether the caller is one."""

from http import HTTPStatus
from itertools import chain
from typing import Annotated

from pydantic import Field
from tornado.iostream import StreamClosedError
from typing_extensions import override

from cygnet_share import administration, export
from cygnet_share.administration import Account
from cygnet_share.api_model import Body
from cygnet_share.call import Call, CallError, Service

_MAX_DIGITS = 18


class NewOwner(Body):
    """`PUT admin/shares/ID/owner`."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    """In the hub."""


class AdminCall(Call):
    """What all calls of administrators have in common."""

    def number_of(self, name: str) -> int | None:
        """Give a number of the query; None when it is not there."""
        asked = self.get_query_argument(name, "")
        if len(asked) > _MAX_DIGITS or (asked and not asked.isdecimal()):
            message = f"“{name}” takes a number."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return int(asked) if asked else None

    async def found(self, name: str) -> Account:
        """Give the person of a path; `?person=` chooses among several of a name."""
        chosen = self.number_of("person")
        return await self.run(administration.find, self.service.database, name, chosen)


class AdminSharesCall(AdminCall):
    """`admin/shares`: the shares of a name."""

    @override
    async def get(self) -> None:
        """List the shares of all who have or had the name of the query."""
        owner = self.get_query_argument("owner")
        found = await self.run(
            administration.holdings, self.service.database, self.person, owner
        )
        self.finish(
            {
                "shares": [
                    {
                        "id": it.id,
                        "title": it.title,
                        "owner": it.owner.name,
                        "person": it.owner.id,
                        "created": it.owner.created,
                        "gone_at": it.owner.gone_at and it.owner.gone_at.isoformat(),
                        "head": it.head,
                        "files": it.files,
                        "bytes": it.bytes,
                    }
                    for it in found
                ]
            }
        )


class OwnerCall(AdminCall):
    """`admin/shares/ID/owner`: whose a share is."""

    @override
    async def put(self, number: str) -> None:
        """Hand a share over to an account of the hub."""
        name = self.body(NewOwner).name
        owner = await self.service.person_of(name)
        if owner is None:
            message = f"There is no user “{name}”. Look the name up, and try again."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        await self.run(
            administration.hand_over,
            self.service.database,
            self.person,
            int(number),
            owner,
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)


class PersonCall(AdminCall):
    """`admin/people/NAME`: what is kept of a person."""

    @override
    async def delete(self, name: str) -> None:
        """Remove it."""
        who = await self.found(name)
        await self.run(administration.remove, self.service.database, self.person, who)
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)


class ExportCall(AdminCall):
    """`admin/people/NAME/export`: the data of a person."""

    @override
    async def get(self, name: str) -> None:
        """Send it as an archive."""
        who = await self.found(name)
        service = self.service
        what = await self.run(export.collect, service.database, self.person, who)
        self.set_header("Content-Type", "application/x-tar")
        self.set_header("Content-Disposition", "attachment; filename=export.tar")
        parts = export.archive(what, service.chunks)
        while (part := await self.run(next, parts, None)) is not None:
            self.write(part)
            try:
                await self.flush()
            except StreamClosedError:
                return


class AuditCall(AdminCall):
    """`admin/audit`: who did what."""

    @override
    async def get(self) -> None:
        """List it after a row of the query, the oldest first."""
        since = self.number_of("since") or 0
        rows = await self.run(
            administration.audit, self.service.database, self.person, since
        )
        self.finish(
            {
                "last": max(chain((it.id for it in rows), [since])),
                "rows": [
                    {
                        "id": it.id,
                        "at": it.at.isoformat(),
                        "person": it.person,
                        "act": it.act,
                        "share": it.share,
                        "detail": it.detail,
                    }
                    for it in rows
                ],
            }
        )


def routes(
    prefix: str, service: Service
) -> list[tuple[str, type[Call], dict[str, object]]]:
    """Give the calls by their paths.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share; `identify` gives administrators alone.
    """
    calls: dict[str, type[Call]] = {
        "shares": AdminSharesCall,
        r"shares/(\d{1,18})/owner": OwnerCall,
        r"people/([^/]+)": PersonCall,
        r"people/([^/]+)/export": ExportCall,
        "audit": AuditCall,
    }
    return [
        (f"{prefix}api/admin/{path}", call, {"service": service})
        for path, call in calls.items()
    ]
