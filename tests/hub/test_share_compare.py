"""What has changed between two versions, asked by a program."""

import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_share.viewer.process import Rendered
from cygnet_share.viewer.viewer import Job, Viewer
from httpx import AsyncClient

from tests.support.following import grant, notebook
from tests.support.sharing import Sharing, publish, sharing


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        yield running


async def share_of(client: AsyncClient) -> str:
    """Share two versions, and give the call that compares them."""
    share = (await client.post("shares", json={"title": "Week 1"})).json()["id"]
    first = {"n.ipynb": notebook(a="1", b="2"), "old.csv": b"1", "gone": b"2"}
    await publish(client, share, 0, first)
    second = {"n.ipynb": notebook(a="1", b="two", c="3"), "old.csv": None}
    await publish(client, share, 1, {**second, "new.csv": b"1", "gone": None})
    return f"shares/{share}/compare?from=1&to=2"


async def test_versions_are_compared_by_file_and_by_cell(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        compare = await share_of(ann)
        files = (await ann.get(compare)).json()["entries"]
        cells = (await ann.get(f"{compare}&path=n.ipynb")).json()
        moved = (await ann.get(f"{compare}&path=new.csv")).json()
        first = (await ann.get(compare.replace("from=1&to=2", "from=0&to=1"))).json()

    size = [len(notebook(a="1", b="2")), len(notebook(a="1", b="two", c="3"))]
    assert files == [
        {"path": "gone", "kind": "removed", "size_from": 1, "size_to": None},
        {
            "path": "n.ipynb",
            "kind": "changed",
            "size_from": size[0],
            "size_to": size[1],
        },
        {
            "path": "new.csv",
            "kind": "moved",
            "from_path": "old.csv",
            "size_from": 1,
            "size_to": 1,
        },
    ]
    assert cells["kind"] == "notebook"
    assert [
        (it["kind"], it["source_from"], it["source_to"]) for it in cells["cells"]
    ] == [
        ("same", "1", "1"),
        ("changed", "2", "two"),
        ("added", None, "3"),
    ]
    assert [it["kind"] for it in moved["cells"]] == ["same"]
    assert {it["kind"] for it in first["entries"]} == {"added"}


async def test_only_who_may_view_may_compare(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        compare = await share_of(ann)
        share = int(compare.split("/")[1])
        found = []
        for right in (None, "view", None):
            await grant(ann, share, "bob", right)
            found += [await bob.get(compare), await bob.get(f"{compare}&path=n.ipynb")]

    assert [it.status_code for it in found] == [
        *[HTTPStatus.NOT_FOUND] * 2,
        *[HTTPStatus.OK] * 2,
        *[HTTPStatus.NOT_FOUND] * 2,
    ]
    assert "two" not in found[-1].text


async def test_question_that_makes_no_sense_is_refused_in_words(
    service: Sharing,
) -> None:
    async with service.as_("ann") as ann:
        compare = (await share_of(ann)).partition("?")[0]
        for query, status in (
            ("", HTTPStatus.BAD_REQUEST),
            ("?from=1", HTTPStatus.BAD_REQUEST),
            ("?from=-1&to=2", HTTPStatus.BAD_REQUEST),
            ("?from=1&to=²", HTTPStatus.BAD_REQUEST),
            ("?from=1&to=9", HTTPStatus.NOT_FOUND),
            ("?from=1&to=9999999999", HTTPStatus.BAD_REQUEST),
            ("?from=1&to=2&path=none", HTTPStatus.NOT_FOUND),
            ("?from=1&to=2&path=", HTTPStatus.NOT_FOUND),
            ("?from=1&to=2&path=../n.ipynb", HTTPStatus.NOT_FOUND),
        ):
            found = await ann.get(f"{compare}{query}")

            assert found.status_code == status, query
            assert json.loads(found.text)["message"].endswith((".", "owner."))


async def test_right_that_ends_while_a_file_is_read_gives_nothing(
    service: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        compare = await share_of(ann)
        await grant(ann, 1, "bob", "view")
        render = Viewer.render

        async def revoking(viewer: Viewer, job: Job) -> Rendered:
            found = await render(viewer, job)
            await grant(ann, 1, "bob", None)
            return found

        monkeypatch.setattr(Viewer, "render", revoking)
        found = await bob.get(f"{compare}&path=n.ipynb")

    assert found.status_code == HTTPStatus.NOT_FOUND
    assert "cells" not in found.json()
