"""The JSON call that says what has changed between two versions."""

from http import HTTPStatus

from tornado.web import RequestHandler
from typing_extensions import override

from cygnet_share import two_versions
from cygnet_share.call import Call, CallError, Service
from cygnet_share.file_content import content
from cygnet_share.right import Right
from cygnet_share.tree import Entry, File
from cygnet_share.tree_diff import PathChange
from cygnet_share.two_versions import TwoVersions
from cygnet_share.viewer.task import Act
from cygnet_share.viewer.viewer import Job, Viewer


class CompareCall(Call):
    """`shares/ID/compare`: what has changed, by file, or by cell in one file."""

    @override
    def initialize(  # type: ignore[override]  # The route gives both.
        self, service: Service, viewer: Viewer
    ) -> None:
        """Take what the calls share, and what reads files."""
        super().initialize(service)
        self.viewer = viewer

    @override
    async def get(self, number: str) -> None:
        """Compare the versions of the query."""
        older, newer = self._seq("from"), self._seq("to")
        found = await self.run(
            two_versions.read,
            self.service.database,
            self.person,
            int(number),
            older,
            newer,
        )
        path = self.get_query_argument("path", None, strip=False)
        if path is None:
            self.finish({"entries": [_json(it) for it in found.changes]})
        else:
            self.set_header("Content-Type", "application/json; charset=UTF-8")
            self.finish(await self._cells(found, path))

    def _seq(self, name: str) -> int:
        """Read the number of a version from the query."""
        asked = self.get_query_argument(name, "")
        if not (asked.isascii() and asked.isdecimal() and len(asked) <= 9):  # noqa: PLR2004 - As in paths.
            message = f"Give the number of a version as “{name}”."
            raise CallError(HTTPStatus.BAD_REQUEST, message)
        return int(asked)

    async def _cells(self, found: TwoVersions, path: str) -> bytes:
        """Compare a file, in a process with limits."""
        older, newer = found.files(path)
        if older is None and newer is None:
            message = "Neither version has such a file."
            raise CallError(HTTPStatus.NOT_FOUND, message)
        before, after = (content(self.service, it) for it in (older, newer))
        job = Job(self.person.id, path, after, before, Act.LIST)
        rendered = await self.viewer.render(job)
        # It may have been revoked while it waited.
        database, share = self.service.database, found.detail.id
        await self.run(database.ask, self.person, share, Right.VIEW)
        if rendered.problem is not None:
            raise CallError(rendered.problem.status, rendered.problem.words)
        return rendered.body


def _json(change: PathChange) -> dict[str, object]:
    """Give what became of a path as the service answers it."""
    found: dict[str, object] = {
        "path": change.path,
        "kind": change.kind,
        "size_from": _size(change.before),
        "size_to": _size(change.after),
    }
    return found | ({"from_path": change.from_path} if change.from_path else {})


def _size(entry: Entry | None) -> int | None:
    """Give the size of a file, None for all else."""
    return entry.size if isinstance(entry, File) else None


def routes(
    prefix: str, service: Service, viewer: Viewer
) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    """Give the call by its path.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share.
    viewer
        Reads files.
    """
    path = rf"{prefix}api/shares/(\d{{1,18}})/compare"
    return [(path, CompareCall, {"service": service, "viewer": viewer})]
