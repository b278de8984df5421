"""The page of all shares that a person may see."""

from tornado.web import authenticated
from typing_extensions import override

from cygnet_share import share_list
from cygnet_share.page_call import PageCall
from cygnet_share.viewer.page import LIST, Head, around
from cygnet_share.viewer.shares import body


class ListPage(PageCall):
    """The service's first page: what is shared with the visitor and by them."""

    @authenticated
    @override
    async def get(self) -> None:
        """Show the list, for which no server has to run."""
        person = await self.visitor()
        found = await self.run(share_list.items, self.service.database, person)
        several = self.service.operator.several
        head = Head(LIST, LIST, facts="Nothing is downloaded and nothing runs here.")
        self.finish(around(head, body(found, several=several)))
