"""The pages of the viewer: a folder or a file of a snapshot, for a browser.

Nothing of them runs and nothing is sent: `viewer.policy` has the headers.
"""

from http import HTTPStatus
from urllib.parse import quote

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler, authenticated
from typing_extensions import override

from cygnet_share import share, snapshot
from cygnet_share.call import STATUS, Service
from cygnet_share.errors import ShareError
from cygnet_share.right import Person
from cygnet_share.share import Detail
from cygnet_share.tree import File, Tree
from cygnet_share.viewer import folder, policy
from cygnet_share.viewer.page import EMPTY, Frame, page
from cygnet_share.viewer.viewer import MAX_BYTES, Page, Viewer, refusal

_NOWHERE = Frame("Shares", "", "", "")
"""What is said where there is nothing to see, not even whose it is."""


class ViewPage(HubOAuthenticated, RequestHandler):  # type: ignore[misc]  # No types.
    """`view/ID/SEQ/PATH`: a folder or a file."""

    @override
    def initialize(self, service: Service, viewer: Viewer) -> None:
        """Take what the calls share, and what renders."""
        self.service = service
        self.viewer = viewer

    @override
    def set_default_headers(self) -> None:
        """Let nothing run, whatever the page holds."""
        for name, value in policy.HEADERS.items():
            self.set_header(name, value)

    @authenticated
    @override
    async def get(self, number: str, seq: str, path: str) -> None:
        """Show it, when the visitor may see it now."""
        person = await self.service.person_of(self.current_user["name"])
        if person is None:
            raise HTTPError(HTTPStatus.FORBIDDEN)
        detail, tree = await IOLoop.current().run_in_executor(
            self.service.threads, self._read, person, int(number), int(seq)
        )
        wanted = path.rstrip("/")
        if folder.is_folder(tree, wanted):
            if path and not path.endswith("/"):
                self.redirect(f"{quote(wanted.rpartition('/')[2])}/")
                return
            frame = _frame(detail, seq, path)
            found = Page(page(frame, folder.body(tree, wanted)), HTTPStatus.OK)
        else:
            found = await self._file(detail, seq, path, tree)
        self.set_status(found.status)
        self.finish(found.html)

    def _read(self, person: Person, number: int, seq: int) -> tuple[Detail, Tree]:
        """Ask for the right, and read what there is."""
        database = self.service.database
        return (
            share.detail(database, person, number),
            snapshot.tree(database, person, number, seq),
        )

    async def _file(self, detail: Detail, seq: str, path: str, tree: Tree) -> Page:
        """Render a file."""
        entry = tree.get(path)
        if not isinstance(entry, File):
            raise HTTPError(HTTPStatus.NOT_FOUND)
        frame = _frame(detail, seq, path)
        if entry.size > MAX_BYTES:
            return refusal(frame, entry.size)
        data = await IOLoop.current().run_in_executor(
            self.service.threads, self._bytes, entry
        )
        return await self.viewer.render(frame, data)

    def _bytes(self, entry: File) -> bytes:
        """Read a file that the visitor may see."""
        found = [self.service.chunks.get(it) for it in entry.chunks]
        whole = [it for it in found if it is not None]
        if len(whole) < len(found):
            raise HTTPError(HTTPStatus.GONE)
        return b"".join(whole)

    @override
    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say in words why there is nothing to see."""
        words = {
            HTTPStatus.NOT_FOUND: "There is no such file here.",
            HTTPStatus.FORBIDDEN: "Log in with an account that may use shares.",
            HTTPStatus.GONE: (
                "A part of this file is lost. Ask its owner to save it again."
            ),
        }
        error = kwargs.get("exc_info", (None, None))[1]  # type: ignore[index]
        if isinstance(error, ShareError):
            self.set_status(STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR))
            problem = str(error)
        else:
            sorry = (
                "The viewer failed. Load this page again, or ask your administrator."
            )
            problem = words.get(HTTPStatus(status_code), sorry)
        self.finish(page(_NOWHERE, EMPTY, problem=problem))


def _frame(detail: Detail, seq: str, path: str) -> Frame:
    """Say what the page is of."""
    version = f"Version {seq} of {detail.head}."
    return Frame(detail.title, detail.owner, path, version)


def routes(
    prefix: str, service: Service, viewer: Viewer
) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    """Give the pages by their paths.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share.
    viewer
        Renders.
    """
    given = {"service": service, "viewer": viewer}
    return [
        (rf"{prefix}view/(\d{{1,18}})/(\d{{1,9}})/(.*)", ViewPage, given),
        (f"{prefix}oauth_callback", HubOAuthCallbackHandler, {}),
    ]
