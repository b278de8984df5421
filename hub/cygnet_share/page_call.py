"""What the pages for a browser have in common: login, headers, words for errors.

Nothing of them runs and nothing is sent: `viewer.policy` has the headers. None changes
anything, so a link from another site can do no more than show one.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import ParamSpec, TypeVar

from jupyterhub.services.auth import HubOAuth, HubOAuthenticated
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from typing_extensions import override

from cygnet_share.call import STATUS, Service
from cygnet_share.errors import BusyError, CrowdError, ShareError
from cygnet_share.large_answer import LargeAnswer
from cygnet_share.right import Person, Right
from cygnet_share.turn import Kind
from cygnet_share.viewer import policy
from cygnet_share.viewer.page import EMPTY, LIST, Head, Link, around
from cygnet_share.viewer.viewer import Viewer

MAX_ADDRESS = 4_096
"""The longest address: a path has 512 bytes, each of which is three characters."""

MAX_LOGINS = 2_000
"""How many logins have begun at once."""

P = ParamSpec("P")
T = TypeVar("T")

_WORDS = {
    HTTPStatus.NOT_FOUND: "There is no such page or file here.",
    HTTPStatus.FORBIDDEN: "Log in with an account that may use shares.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "This address is longer than that of any page.",
    HTTPStatus.GONE: "A part of this file is lost. Ask its owner to save it again.",
}
_SORRY = "The viewer failed. Load this page again, or ask your administrator."


def forget_logins(auth: HubOAuth) -> None:
    """Forget the oldest logins that have begun, where there are very many.

    Notes
    -----
    JupyterHub 5 has no public name for them. Who is in the middle of one of these
    is asked to log in again.
    """
    begun = auth._oauth_states  # noqa: SLF001 - As above.
    while len(begun) >= MAX_LOGINS:
        begun.pop(next(iter(begun.values)))


class PageCall(HubOAuthenticated, LargeAnswer):  # type: ignore[misc]  # No types.
    """A page."""

    @override
    def initialize(self, service: Service, viewer: Viewer, prefix: str) -> None:
        """Take what the calls share, what renders, and where the pages are."""
        self.service = service
        self.viewer = viewer
        self._prefix = prefix
        self._leave: Callable[[], None] | None = None

    @override
    def prepare(self) -> None:
        """Refuse what is longer than the address of any page.

        Notes
        -----
        JupyterHub keeps the address of each page that asks for a login, until the
        login has come or for ten minutes, without a bound.
        """
        if len(str(self.request.uri)) > MAX_ADDRESS:
            raise HTTPError(HTTPStatus.REQUEST_URI_TOO_LONG)
        forget_logins(self.hub_auth)

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

    async def show(self, person: Person, share: int, shown: bytes) -> None:
        """Show what was made ready of a share, where the visitor still may see it."""
        await self.run(self.service.database.ask, person, share, Right.VIEW)
        memory, size = self.service.memory, len(shown)
        memory.take(person.id, size)
        try:
            await self.send(shown)
        finally:
            memory.give(person.id, size)

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
        if isinstance(error, BusyError | CrowdError):
            self.set_header("Retry-After", str(error.seconds))
        head = Head(LIST, LIST, [self.home])
        self.finish(around(head, EMPTY, problem=problem))
