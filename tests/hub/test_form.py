from collections.abc import Generator

import pytest

from tests.support.hub import RunningHub, heading, running_hub
from tests.support.outline import Outline


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    # No start succeeds here: these tests are about what is asked before.
    extra = 'c.LocalSpawner.cmd = ["/nowhere/server"]'
    with running_hub(tmp_path_factory.mktemp("form"), extra) as hub:
        yield hub


def nothing_was_started(hub: RunningHub) -> bool:
    model = hub.call("GET", f"/users/{hub.settings.owner}").json()
    is_tried = "/nowhere/server" in hub.log or "Error starting" in hub.log
    return not is_tried and not model["servers"] and model["pending"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/hub/spawn?cores=1",
        "/hub/spawn/{owner}?cores=1&memory=1g&opens=launcher",
        "/hub/spawn?opt-cores=1",
        "/hub/spawn?cores=1&next=/hub/home",
        "/hub/user-redirect/lab?cores=1",
        "/hub/user/{owner}/lab?cores=1",
        "/user/{owner}/lab/tree/x.ipynb?cores=1",
        "/hub/spawn-pending/{owner}?cores=1",
        "/hub/home?cores=1",
        "/hub/spawn/{owner}/named?cores=1",
        "/hub/?cores=1",
    ],
)
def test_no_address_starts_a_server(hub: RunningHub, path: str) -> None:
    page = hub.owner().get(path.format(owner=hub.settings.owner))

    assert "Traceback" not in page.text
    assert nothing_was_started(hub)


@pytest.mark.parametrize("prefix", ["", "opt-"])
def test_address_fills_the_form_in(hub: RunningHub, prefix: str) -> None:
    page = hub.owner().get(
        f"/hub/spawn?{prefix}cores=1&{prefix}memory=700m&{prefix}opens=workspace&utm=x"
    )

    assert page.status_code == 200
    assert 'value="1"' in page.text
    assert 'value="700m"' in page.text
    assert '<option value="workspace" selected>' in page.text
    assert "cygnet-problem" not in page.text


def test_address_with_bad_values_shows_all_problems(hub: RunningHub) -> None:
    page = hub.owner().get("/hub/spawn?cores=many&memory=0&opens=<b>")

    assert Outline(page).invalid == ["opens", "cores", "memory"]
    assert "“many” is not a number of cores" in page.text
    assert "<b>" not in page.text
    assert nothing_was_started(hub)


def test_bytes_that_are_no_text_are_refused(hub: RunningHub) -> None:
    page = hub.owner().get("/hub/spawn?cores=%FF")

    assert page.status_code == 400
    assert "not UTF-8" in page.text


def test_bad_form_is_refused_with_all_problems_and_kept(hub: RunningHub) -> None:
    person = hub.owner()
    form = person.get("/hub/spawn")

    page = person.submit(form, cores="999", memory="much", opens="workspace")

    assert page.status_code == 400
    assert heading(page) == "Start my server"
    assert "Nothing was started" in page.text
    assert Outline(page).invalid == ["cores", "memory"]
    assert 'value="999"' in page.text
    assert 'value="much"' in page.text
    assert '<option value="workspace" selected>' in page.text
    assert "HTTP 400" not in page.text
    assert nothing_was_started(hub)


def test_form_can_be_corrected_and_sent_again(hub: RunningHub) -> None:
    person = hub.owner()
    refused = person.submit(person.get("/hub/spawn"), cores="999")

    page = person.submit(refused, cores="1", memory="1g", opens="launcher")

    # The start fails here, so it was tried.
    assert page.status_code == 503
    assert "/nowhere/server" in page.text


def test_form_without_the_pages_token_is_refused(hub: RunningHub) -> None:
    person = hub.owner()

    page = person.http.post("/hub/spawn", data={"cores": "1"})

    assert page.status_code == 403


@pytest.mark.parametrize(
    "options",
    [{"cores": 999}, {"memory": None}, {"cores": [1]}, {"colour": "red"}],
)
def test_rest_api_with_bad_options_is_refused(
    hub: RunningHub, options: dict[str, object]
) -> None:
    answer = hub.call("POST", f"/users/{hub.settings.owner}/server", options)

    assert answer.status_code == 400
    assert "Nothing was started" in answer.json()["message"]
