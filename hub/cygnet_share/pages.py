"""The pages of the viewer: a folder or a file of a snapshot, for a browser."""

from http import HTTPStatus
from urllib.parse import quote

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import HTTPError, RequestHandler, authenticated
from typing_extensions import override

from cygnet_share import share, snapshot
from cygnet_share.call import Service
from cygnet_share.compare_page import ComparePage
from cygnet_share.file_content import content
from cygnet_share.list_page import ListPage
from cygnet_share.page_call import PageCall
from cygnet_share.right import Person
from cygnet_share.share import Detail
from cygnet_share.tree import File, Tree
from cygnet_share.versions_page import VersionsPage
from cygnet_share.viewer import folder, viewer
from cygnet_share.viewer.page import Frame, Link, page
from cygnet_share.viewer.viewer import Job, Viewer


class ViewPage(PageCall):
    """`view/ID/SEQ/PATH`: a folder or a file."""

    @authenticated
    @override
    async def get(self, number: str, seq: str, path: str) -> None:
        """Show it, when the visitor may see it now."""
        person = await self.visitor()
        detail, tree = await self.run(self._read, person, int(number), int(seq))
        frame = self._frame(detail, seq, path)
        wanted = path.rstrip("/")
        if not folder.is_folder(tree, wanted):
            await self._show(person, detail.id, frame, tree)
        elif path and not path.endswith("/"):
            self.redirect(f"{quote(wanted.rpartition('/')[2])}/")
        else:
            self.finish(page(frame, folder.body(tree, wanted)))

    def _read(self, person: Person, number: int, seq: int) -> tuple[Detail, Tree]:
        """Ask for the right, and read what there is."""
        database = self.service.database
        return (
            share.detail(database, person, number),
            snapshot.tree(database, person, number, seq),
        )

    async def _show(
        self, person: Person, number: int, frame: Frame, tree: Tree
    ) -> None:
        """Show a file."""
        entry = tree.get(frame.path)
        if not isinstance(entry, File):
            raise HTTPError(HTTPStatus.NOT_FOUND)
        job = Job(person.id, frame.path, content(self.service, entry))
        found = await self.viewer.render(job)
        shown = page(frame, found.body, problem=viewer.words(found))
        self.set_status(viewer.status(found))
        await self.show(person, number, shown)

    def _frame(self, detail: Detail, seq: str, path: str) -> Frame:
        """Say what the page is of."""
        return Frame(
            detail.title,
            detail.owner,
            path,
            f"Version {seq} of {detail.head}.",
            [Link("Versions", f"{self.top}versions/{detail.id}")],
            self.top,
        )


def routes(
    prefix: str, service: Service, shown_by: Viewer
) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    """Give the pages by their paths.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share.
    shown_by
        Renders.
    """
    given = {"service": service, "viewer": shown_by, "prefix": prefix}
    one, seq = r"(\d{1,18})", r"(\d{1,9})"
    pages: dict[str, type[PageCall]] = {
        "": ListPage,
        f"view/{one}/{seq}/(.*)": ViewPage,
        f"versions/{one}": VersionsPage,
        f"compare/{one}/{seq}/{seq}/(.*)": ComparePage,
    }
    return [
        *((f"{prefix}{path}", it, given) for path, it in pages.items()),
        (f"{prefix}oauth_callback", HubOAuthCallbackHandler, {}),
    ]
