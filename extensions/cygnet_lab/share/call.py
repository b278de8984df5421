"""What the calls of the panel have in common.

Notes
-----
They stand behind the notebook server's own login, origin and XSRF checks. The token
of the sharing service stays in this process.
"""

from http import HTTPStatus
from types import TracebackType
from typing import Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from tornado.web import HTTPError
from typing_extensions import override

from cygnet_lab.share import errors
from cygnet_lab.share.sharing import Sharing

SETTING = "cygnet_sharing"
"""The key of the folders among the notebook server's settings."""

STATUS: tuple[tuple[type[errors.SharingError], HTTPStatus], ...] = (
    (errors.AwayError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.LateError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.NoFolderError, HTTPStatus.NOT_FOUND),
    (errors.NoConflictError, HTTPStatus.NOT_FOUND),
    (errors.NoRoomError, HTTPStatus.INSUFFICIENT_STORAGE),
    (errors.SharingError, HTTPStatus.CONFLICT),
)
"""What is answered to an error of a kind; the first one counts."""


class CallBody(BaseModel):
    """What a call sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Given(RootModel[dict[str, object]]):
    """An object that is passed on."""


B = TypeVar("B", bound=CallBody)


class PanelCall(APIHandler):
    """A call."""

    auth_resource = "cygnet_share"

    @property
    def sharing(self) -> Sharing:
        """The folders of the user."""
        found: Sharing = self.settings[SETTING]
        return found

    def taken(self, model: type[B]) -> B:
        """Read the body, or refuse it with everything that is wrong."""
        return model.model_validate_json(self.request.body or b"{}")

    def given(self) -> dict[str, object]:
        """Read a body that the service checks."""
        return Given.model_validate_json(self.request.body or b"{}").root

    def query(self, *names: str) -> dict[str, str]:
        """Read those arguments of the query that are there."""
        found = {it: self.get_query_argument(it, None, strip=False) for it in names}
        return {key: it for key, it in found.items() if it is not None}

    async def relay(self, method: str, path: str, **details: object) -> object:
        """Call the service as the user, and give its answer."""
        return await self.sharing.client.relay(method, path, **details)

    def asked(self, name: str) -> str:
        """Read an argument of the query as it stands."""
        return str(self.get_query_argument(name, strip=False))

    def answer(self, found: object = None) -> None:
        """Answer with JSON, or with nothing."""
        if found is None:
            self.set_status(HTTPStatus.NO_CONTENT)
            self.finish()
        else:
            self.finish(found)

    @override
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error in words."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        found = refusal(error)
        if found is None:
            super().write_error(status_code, **kwargs)
            return
        status, body = found
        self.set_status(status)
        self.finish(body)

    @override
    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what went wrong here, and not what is refused in words."""
        if refusal(value) is None:
            super().log_exception(typ, value, tb)


def refusal(error: BaseException | None) -> tuple[int, dict[str, object]] | None:
    """Give status and JSON of what is answered to an error; None for a defect."""
    if isinstance(error, ValidationError):
        problems = [
            {"place": ".".join(map(str, it["loc"])), "reason": it["msg"]}
            for it in error.errors(include_url=False, include_input=False)
        ]
        message = "The call is not as the server takes it."
        return HTTPStatus.BAD_REQUEST, {"message": message, "problems": problems}
    if isinstance(error, errors.RefusedError):
        return error.status, {"message": error.message, "problems": error.problems}
    if isinstance(error, errors.SharingError):
        status = next(it for kind, it in STATUS if isinstance(error, kind))
        return status, {"message": str(error)}
    if isinstance(error, OSError) and not isinstance(error, HTTPError):
        message = f"The disk refuses it: {error.strerror}."
        return HTTPStatus.INSUFFICIENT_STORAGE, {"message": message}
    return None
