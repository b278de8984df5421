"""The JSON calls about the caller, and about other people."""

from types import MappingProxyType

from typing_extensions import override

from cygnet_share import quota
from cygnet_share.call import Call
from cygnet_share.errors import PolicyError
from cygnet_share.grant_call import ONE_PERSON
from cygnet_share.turn import Kind

MIN_PREFIX = 2
"""How many letters of a name one has to know."""

MAX_FOUND = 20
"""How many names are answered."""


class MeCall(Call):
    """`me`: who calls, and what the service allows."""

    @override
    async def get(self) -> None:
        """Say it."""
        service, person = self.service, self.person
        operator = service.operator
        self.finish(
            {
                "name": person.name,
                "groups": sorted(person.groups),
                "database": service.database.identity.uuid,
                "generation": service.database.identity.generation,
                "several": operator.several,
                "everyone": operator.several and operator.everyone,
                "list_names": operator.several and operator.list_names,
                "pages": service.pages,
                "bytes": await self.run(quota.of, service.database, person),
                "quota": service.limits.max_person_bytes,
                "now": service.database.clock().isoformat(),
            }
        )


class PeopleCall(Call):
    """`people`: names and groups by their beginning."""

    kinds = MappingProxyType({"get": Kind.SEARCH})

    @override
    async def get(self) -> None:
        """Find them, at most 20 of each; of the caller's groups also unlisted ones."""
        operator = self.service.operator
        if not operator.several:
            raise PolicyError(ONE_PERSON)
        if not operator.list_names:
            message = (
                "Your administrator does not allow looking names up. Write the whole "
                "name of the person."
            )
            raise PolicyError(message)
        prefix = self.get_query_argument("prefix", "").casefold()
        if len(prefix) < MIN_PREFIX:
            self.finish({"people": [], "groups": []})
            return
        names, groups = await self.asked(self.service.names(prefix, MAX_FOUND))
        mine = {it for it in self.person.groups if it.casefold().startswith(prefix)}
        found = [*sorted(mine), *(it for it in sorted(groups) if it not in mine)]
        self.finish(
            {
                "people": [{"name": it} for it in names if it != self.person.name],
                "groups": found[:MAX_FOUND],
            }
        )
