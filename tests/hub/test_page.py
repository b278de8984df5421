import re
from collections.abc import Generator

import httpx
import pytest
from cygnet_hub.auth import login_link

from tests.support.hub import RunningHub, heading, running_hub
from tests.support.outline import Outline


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    # What has to be shown as text is part of every page here.
    directory = tmp_path_factory.mktemp("a<b>{c}")
    with running_hub(directory, owner="Ann <b>") as hub:
        yield hub


PAGES = {
    "/hub/login": "Log in",
    "/hub/login-link?token=x": "Log in",
    "/hub/home": "Your server is not running",
    "/hub/spawn": "Start my server",
    "/hub/spawn?cores=x": "Start my server",
    "/hub/nothing": "There is no such page",
    "/hub/spawn/other": "This is not allowed",
    "/hub/error/503": "Your server does not answer",
    "/user/{owner}/lab": "Your server is not running",
}


def visit(hub: RunningHub, path: str) -> httpx.Response:
    person = hub.visitor() if "login" in path else hub.owner()
    return person.get(path.format(owner=hub.settings.owner))


@pytest.mark.parametrize("path", PAGES)
def test_page_says_what_it_is(hub: RunningHub, path: str) -> None:
    page = visit(hub, path)

    assert heading(page) == PAGES[path]
    assert page.text.count("<h1") == 1
    assert 'lang="en"' in page.text
    title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert title
    assert title[1]
    assert "JupyterHub" not in title[1]


@pytest.mark.parametrize("path", PAGES)
def test_page_labels_its_fields_and_names_each_part_once(
    hub: RunningHub, path: str
) -> None:
    outline = Outline(visit(hub, path))

    assert {it["id"] for it in outline.fields} <= outline.labelled
    assert len(outline.ids) == len(set(outline.ids))
    described = [
        part for it in outline.fields for part in it.get("aria-describedby", "").split()
    ]
    assert set(described) <= set(outline.ids)


@pytest.mark.parametrize("path", ["/hub/login", "/hub/home"])
def test_page_finds_all_its_parts_here(hub: RunningHub, path: str) -> None:
    person = hub.owner()
    parts = Outline(visit(hub, path)).assets

    assert any("cygnet.css" in it for it in parts)
    for part in parts:
        assert part.startswith("/hub/")
        assert person.get(part).is_success, part


def test_pages_lead_nowhere_that_one_person_does_not_need(hub: RunningHub) -> None:
    links = Outline(hub.owner().get("/hub/home")).links

    assert links == ["/hub/home", "/hub/logout", "/hub/spawn"]


def test_asset_outside_the_folder_is_not_served(hub: RunningHub) -> None:
    answer = hub.visitor().get("/hub/cygnet/..%2Fsettings.py")

    assert answer.status_code in {403, 404}
    assert "pydantic" not in answer.text


def test_logout_leads_to_the_login_page(hub: RunningHub) -> None:
    person = hub.owner()

    page = person.log_out()

    assert heading(page) == "Log in"
    assert heading(person.get("/hub/home")) == "Log in"


def test_stop_is_no_link(hub: RunningHub) -> None:
    person = hub.owner()

    assert person.get("/hub/stop").status_code == 405
    assert person.http.post("/hub/stop").status_code == 403


def test_stop_without_a_server_goes_home(hub: RunningHub) -> None:
    person = hub.owner()
    form = person.get("/hub/spawn")
    token = re.findall(r'name="_xsrf" value="([^"]+)"', form.text)[0]

    page = person.http.post("/hub/stop", data={"_xsrf": token})

    assert page.is_success
    assert heading(page) == "Your server is not running"


def test_names_are_shown_as_text(hub: RunningHub) -> None:
    assert heading(hub.visitor().spend(login_link.issue(hub.data.login_links)))
    page = hub.owner().get("/hub/spawn")

    assert "a&lt;b&gt;{c}" in page.text
    assert "Ann &lt;b&gt;" in page.text
    assert "<b>" not in page.text.partition("<main")[2]
