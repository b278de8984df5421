"""The page of what has changed between two versions, by file and by cell."""

from http import HTTPStatus
from urllib.parse import quote

from tornado.web import HTTPError, authenticated
from typing_extensions import override

from cygnet_share import two_versions
from cygnet_share.file_content import content
from cygnet_share.page_call import PageCall
from cygnet_share.right import Person
from cygnet_share.two_versions import TwoVersions
from cygnet_share.viewer import changes, viewer
from cygnet_share.viewer.page import Head, Link, around
from cygnet_share.viewer.task import Act
from cygnet_share.viewer.viewer import Job


class ComparePage(PageCall):
    """`compare/ID/FROM/TO/PATH`: what has changed."""

    @authenticated
    @override
    async def get(self, number: str, older: str, newer: str, path: str) -> None:
        """Show the changed files, or the changes of one."""
        person = await self.visitor()
        found = await self.run(
            two_versions.read,
            self.service.database,
            person,
            int(number),
            int(older),
            int(newer),
        )
        between = f"{older}/{newer}/"
        if path:
            await self._show(person, found, between, path)
        else:
            head = self._head(found, between)
            self.finish(around(head, changes.body(found.changes)))

    async def _show(
        self, person: Person, found: TwoVersions, between: str, path: str
    ) -> None:
        """Show what has changed in a file."""
        older, newer = found.files(path)
        if older is None and newer is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        before, after = (content(self.service, it) for it in (older, newer))
        rendered = await self.viewer.render(
            Job(person.id, path, after, before, Act.COMPARE)
        )
        head = self._head(found, between, path)
        shown = around(head, rendered.body, problem=viewer.words(rendered))
        self.set_status(viewer.status(rendered))
        await self.show(person, found.detail.id, shown)

    def _head(self, found: TwoVersions, between: str, path: str = "") -> Head:
        """Say what is compared."""
        detail, top = found.detail, self.top
        older, newer, _ = between.split("/")
        pages = {
            "Versions": f"{top}versions/{detail.id}",
            f"View version {older}": f"{top}view/{detail.id}/{older}/",
            f"View version {newer}": f"{top}view/{detail.id}/{newer}/",
        }
        for seq, place in zip((older, newer), found.paths(path), strict=True):
            pages[f"View version {seq}"] += quote(place or "")
        whole = Link(
            f"Versions {older} and {newer}", f"{top}compare/{detail.id}/{between}"
        )
        share = Link(detail.title, f"{top}view/{detail.id}/{detail.head}/")
        return Head(
            path or whole.label,
            f"{path or whole.label} · {detail.title}",
            [self.home, share, *([whole] if path else [])],
            f"What is different in version {newer}, compared with version {older}.",
            detail.owner,
            [Link(name, it) for name, it in pages.items() if "version 0" not in name],
        )
