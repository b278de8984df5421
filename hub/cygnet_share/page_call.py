"""What the pages for a browser have in common: login, headers, words for errors.

Nothing of them runs and nothing is sent: `viewer.policy` has the headers. None changes
anything, so a link from another site can do no more than show one.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import ParamSpec, TypeVar

from jupyterhub.services.auth import HubOAuthenticated
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler
from typing_extensions import override

from cygnet_share.call import STATUS, Service
from cygnet_share.errors import BusyError, ShareError
from cygnet_share.right import Person
from cygnet_share.turn import Kind
from cygnet_share.viewer import policy
from cygnet_share.viewer.page import EMPTY, LIST, Head, Link, around
from cygnet_share.viewer.viewer import Viewer

P = ParamSpec("P")
T = TypeVar("T")

_WORDS = {
    HTTPStatus.NOT_FOUND: "There is no such page or file here.",
    HTTPStatus.FORBIDDEN: "Log in with an account that may use shares.",
    HTTPStatus.GONE: "A part of this file is lost. Ask its owner to save it again.",
}
_SORRY = "The viewer failed. Load this page again, or ask your administrator."


class PageCall(HubOAuthenticated, RequestHandler):  # type: ignore[misc]  # No types.
    """A page."""

    @override
    def initialize(self, service: Service, viewer: Viewer, prefix: str) -> None:
        """Take what the calls share, what renders, and where the pages are."""
        self.service = service
        self.viewer = viewer
        self._prefix = prefix
        self._leave: Callable[[], None] | None = None

    @override
    def set_default_headers(self) -> None:
        """Let nothing run, whatever the page holds."""
        for name, value in policy.HEADERS.items():
            self.set_header(name, value)

    @property
    def top(self) -> str:
        """The address of the list of shares, relative to this page."""
        depth = self.request.path.removeprefix(self._prefix).count("/")
        return "../" * depth or "./"

    @property
    def home(self) -> Link:
        """The link to the list of shares."""
        return Link(LIST, self.top)

    async def visitor(self) -> Person:
        """Say who looks, as the hub names them now, and whether they may look now."""
        token = self.hub_auth.get_token(self)
        person = await self.service.visitor(self.current_user["name"], token)
        if person is None:
            raise HTTPError(HTTPStatus.FORBIDDEN)
        self._leave = self.service.turns.take(person.id, Kind.PAGE)
        return person

    @override
    def on_finish(self) -> None:
        """Let the visitor's next page come."""
        if self._leave is not None:
            self._leave()

    async def run(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call what waits for the database or the disk."""
        call = partial(function, *args, **kwargs)
        return await IOLoop.current().run_in_executor(self.service.threads, call)

    @override
    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what the service did wrong, and not what a visitor did."""
        if not (isinstance(value, ShareError) and type(value) in STATUS):
            super().log_exception(typ, value, tb)

    @override
    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say in words why there is nothing to see, not even whose it would be."""
        error = kwargs.get("exc_info", (None, None))[1]  # type: ignore[index]
        problem = _WORDS.get(HTTPStatus(status_code), _SORRY)
        if isinstance(error, ShareError):
            self.set_status(STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR))
            problem = str(error)
        if isinstance(error, BusyError):
            self.set_header("Retry-After", str(error.seconds))
        head = Head(LIST, LIST, [self.home])
        self.finish(around(head, EMPTY, problem=problem))
