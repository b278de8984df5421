import httpx
import pytest

from tests.support.cluster_hub import Person, person
from tests.support.hub import RunningHub, heading
from tests.support.outline import Outline


@pytest.fixture(scope="module")
def eve(shared_hub: RunningHub) -> Person:
    """Somebody who only follows links."""
    return person(shared_hub, "eve")


def checked(page: httpx.Response) -> set[str]:
    """The names and values of the lines that are chosen."""
    return {
        f"{it['name']}={it['value']}"
        for it in Outline(page).fields
        if "checked" in it and "disabled" not in it
    }


@pytest.mark.parametrize(
    "path",
    [
        "/hub/spawn?image=older",
        "/hub/spawn?opt-image=older&opt-size=large",
        "/hub/spawn?image=older&next=/hub/home",
        "/hub/spawn/eve?image=older",
        "/hub/spawn/eve/course",
        "/hub/spawn/eve/course?image=older&size=large",
        "/hub/spawn/eve/course?opt-image=older",
        "/hub/spawn/eve/course?display_name=x&image=older",
        "/hub/spawn/eve/Not%20A%20Name?image=older",
        "/hub/spawn/eve/a%2Fb?image=older",
        "/hub/spawn/eve/%00?image=older",
        "/hub/spawn/?image=older",
        "/hub/spawn/eve/?image=older",
        "/hub/spawn/eve/course/?image=older",
        "/hub//spawn?image=older",
        "/hub/new-server?name=course",
        "/hub/new-server?name=course&image=older",
        "/hub/user-redirect/lab?image=older",
        "/hub/user-redirect/lab/tree/a.ipynb",
        "/hub/user/eve/lab?image=older",
        "/user/eve/?image=older",
        "/user/eve/lab/tree/x.ipynb?image=older",
        "/user/eve/course/lab?image=older",
        "/hub/spawn-pending/eve?image=older",
        "/hub/spawn-pending/eve/course?image=older",
        "/hub/home?image=older",
        "/hub/?image=older",
        "/?image=older",
        "/hub/api/users/eve/server?image=older",
        "/hub/api/users/eve/servers/course?image=older",
        "/hub/api/users/eve/server/progress",
        "/hub/stop",
        "/hub/delete-server?server=course",
    ],
)
def test_no_address_starts_or_makes_a_server(eve: Person, path: str) -> None:
    page = eve.get(path)

    assert page.status_code < 500
    assert "Traceback" not in page.text
    assert not eve.has_started
    assert eve.servers == []


@pytest.mark.parametrize("place", ["/hub/spawn", "/hub/spawn/eve", "/hub/spawn/eve/x"])
@pytest.mark.parametrize("prefix", ["", "opt-"])
def test_address_fills_the_form_in(eve: Person, place: str, prefix: str) -> None:
    asked = {"image": "older", "size": "large", "opens": "launcher", "utm": "x"}
    query = "&".join(f"{prefix}{name}={value}" for name, value in asked.items())

    page = eve.get(f"{place}?{query}&{prefix}packages=without")

    assert page.status_code == 200
    assert checked(page) == {
        "image=older",
        "size=large",
        "cluster=local",
        "packages=without",
    }
    assert '<option value="launcher" selected>' in page.text
    assert "cygnet-problem" not in page.text


def test_address_shows_everything_that_is_wrong_with_it(eve: Person) -> None:
    page = eve.get("/hub/spawn?image=torch&size=<b>&cluster=kubernetes&opens=week1")

    assert Outline(page).invalid == ["image", "size", "opens"]
    assert "only for members of the groups astro or ml" in page.text
    assert "“&lt;b&gt;” is not offered" in page.text
    assert checked(page) == {"cluster=kubernetes"}


def test_form_offers_by_group(cluster_hub: RunningHub, eve: Person) -> None:
    fields = Outline(eve.get("/hub/spawn")).fields
    closed = {it["value"] for it in fields if "disabled" in it}
    assert closed == {"torch", "gpu"}

    page = person(cluster_hub, "ann").get("/hub/spawn?image=torch&size=gpu")
    assert {"image=torch", "size=gpu"} <= checked(page)


@pytest.mark.parametrize(
    "path", ["/hub/spawn", "/hub/spawn?image=x", "/hub/home", "/hub/new-server?name=A"]
)
def test_page_labels_its_fields_and_names_each_part_once(
    eve: Person, path: str
) -> None:
    page = eve.get(path)
    outline = Outline(page)

    assert page.text.count("<h1") == 1
    assert {it["id"] for it in outline.fields} <= outline.labelled
    assert len(outline.ids) == len(set(outline.ids))
    described = [
        part for it in outline.fields for part in it.get("aria-describedby", "").split()
    ]
    assert set(described) <= set(outline.ids)


def test_link_to_a_file_leads_through_the_form(cluster_hub: RunningHub) -> None:
    kim = person(cluster_hub, "kim")

    form = kim.get("/hub/user-redirect/lab/tree/a.ipynb")
    page = kim.submit(form, image="standard", size="small", cluster="local")

    assert heading(form) == "Start my server"
    assert not form.history[-1].url.path.startswith("/user/")
    assert page.url.path in {"/user/kim/lab/tree/a.ipynb", "/hub/spawn-pending/kim"}


def test_misfit_is_shown_next_to_the_field_and_kept(cluster_hub: RunningHub) -> None:
    lea = person(cluster_hub, "lea")
    fields = {"image": "older", "size": "large", "cluster": "kubernetes"}

    page = lea.submit(lea.get("/hub/spawn"), **fields, opens="workspace")

    assert page.status_code == 400
    assert "Nothing was started" in page.text
    assert "and the image “Last year&#39;s” has 3.5" in page.text
    assert checked(page) == {f"{k}={v}" for k, v in fields.items()}
    assert not lea.has_started


def test_choice_arrives_and_is_remembered_for_its_person(
    cluster_hub: RunningHub,
) -> None:
    max_, other = person(cluster_hub, "max"), person(cluster_hub, "other")
    fields = {"image": "standard", "size": "large", "cluster": "kubernetes"}

    told = max_.start("/hub/spawn", **fields, opens="launcher", packages="without")

    assert told.json()["url"] == "/lab?reset"
    assert told.json() | fields | {"packages": "without"} == told.json()
    max_.press("stop")
    assert checked(max_.get("/hub/spawn")) >= {"size=large", "packages=without"}
    assert "size=large" in checked(max_.get("/hub/spawn?image=standard"))
    assert "size=small" in checked(other.get("/hub/spawn"))


def test_way_to_start_is_filled_in_and_never_proposed_again(
    cluster_hub: RunningHub,
) -> None:
    rita = person(cluster_hub, "rita")
    fields = {"image": "standard", "size": "small", "cluster": "local"}
    page = rita.get("/hub/spawn?start=reset")
    assert '<option value="reset" selected>' in page.text
    assert "moved-aside" in page.text

    refused = rita.submit(page, **fields, start="x")
    assert refused.status_code == 400
    assert "“x” is not a way to start" in refused.text
    assert not rita.has_started

    rita.start("/hub/spawn", **fields, start="rescue")
    rita.press("stop")
    assert '<option value="usual" selected>' in rita.get("/hub/spawn").text


@pytest.mark.parametrize("place", ["/hub/spawn", "/hub/spawn/pia/x"])
def test_form_of_a_second_tab_leads_to_the_server(
    cluster_hub: RunningHub, place: str
) -> None:
    pia = person(cluster_hub, "pia")
    fields = {"image": "standard", "size": "small", "cluster": "local"}
    tabs = [pia.get(f"{place}?next=/hub/token"), pia.get(place)]
    pia.start(place, **fields)

    pages = [pia.submit(it, **{**fields, "size": "large"}) for it in tabs]

    assert pages[0].url.path == "/hub/token"
    assert pages[1].json()["size"] == "small"


def test_form_without_the_pages_token_is_refused(cluster_hub: RunningHub) -> None:
    nat = person(cluster_hub, "nat")

    paths = ("/hub/spawn", "/hub/spawn/nat/course", "/hub/stop", "/hub/delete-server")
    for path in paths:
        assert nat.http.post(path, data={"image": "older"}).status_code == 403
    assert not nat.has_started
    assert nat.servers == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"image": "torch"}, "only for members of the groups astro or ml"),
        ({"image": "older", "cluster": "kubernetes"}, "works with Spark 4"),
        ({"size": "whole", "cluster": "kubernetes"}, "no room for an executor"),
        ({"size": None}, "is not offered"),
        ({"colour": "red"}, "there is no field"),
    ],
)
@pytest.mark.parametrize("server", ["server", "servers/api"])
def test_rest_api_is_held_to_the_form(
    cluster_hub: RunningHub,
    eve: Person,
    server: str,
    options: dict[str, object],
    reason: str,
) -> None:
    answer = cluster_hub.call("POST", f"/users/eve/{server}", options)

    assert answer.status_code == 400
    assert reason in answer.json()["message"]
    assert not eve.has_started
    cluster_hub.call("DELETE", "/users/eve/servers/api", {"remove": True})
