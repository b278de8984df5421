"""Pages of the viewer for a visitor whose right ends, without a hub."""

from http import HTTPStatus
from pathlib import Path

import pytest
from cygnet_share.page_call import PageCall
from cygnet_share.right import Person
from cygnet_share.viewer.process import Rendered
from cygnet_share.viewer.viewer import Job, Viewer
from jupyterhub.services.auth import HubOAuth

from tests.support.following import grant, notebook
from tests.support.sharing import Sharing, publish, share_of, sharing


def log_in(service: Sharing, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each page take its visitor for a person."""

    async def visitor(_: PageCall) -> Person | None:
        return await service.people.person_of(name)

    token = "of-no-hub"  # noqa: S105 - Nothing is asked.
    auth = HubOAuth(api_token=token, oauth_client_id="service-x", base_url="/")
    monkeypatch.setattr(PageCall, "hub_auth", auth)
    monkeypatch.setattr(PageCall, "get_current_user", lambda _: {"name": name})
    monkeypatch.setattr(PageCall, "visitor", visitor)


async def test_right_that_ends_while_a_page_is_made_ready_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = Viewer.render
    async with (
        sharing(tmp_path) as service,
        service.as_("ann") as ann,
        service.as_("bob") as bob,
    ):
        share = await share_of(ann)
        await publish(ann, share, 0, {"n.ipynb": notebook(a="secret")})
        log_in(service, "bob", monkeypatch)

        async def revoking(viewer: Viewer, job: Job) -> Rendered:
            found = await render(viewer, job)
            await grant(ann, share, "bob", None)
            return found

        for page in (f"view/{share}/1/n.ipynb", f"compare/{share}/0/1/n.ipynb"):
            await grant(ann, share, "bob", "view")
            shown = await bob.get(f"{service.url[:-4]}{page}")
            with monkeypatch.context() as patch:
                patch.setattr(Viewer, "render", revoking)
                refused = await bob.get(f"{service.url[:-4]}{page}")

            assert shown.status_code == HTTPStatus.OK
            assert "secret" in shown.text
            assert int(shown.headers["Content-Length"]) == len(shown.content)
            assert refused.status_code == HTTPStatus.NOT_FOUND
            assert "secret" not in refused.text
            assert "Week 1" not in refused.text
