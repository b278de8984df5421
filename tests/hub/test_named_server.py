import httpx
import pytest

from tests.support.cluster_hub import Person, person
from tests.support.hub import RunningHub, heading
from tests.support.outline import Outline
from tests.support.waiting import until

CHOICE = {"image": "standard", "size": "small", "cluster": "local"}


def stopped(who: Person, name: str) -> bool:
    """Wait until a server has stopped."""
    link = f'id="delete-{name}"'
    return until(lambda: link in who.get("/hub/home").text, f"{name} has stopped")


def at_hub(who: Person, path: str) -> httpx.Response | None:
    """Return a page, once the proxy leads to the hub for it."""
    page = who.get(path)
    return page if page.url.path.startswith("/hub/user/") else None


def test_named_server_is_started_listed_stopped_and_deleted(
    cluster_hub: RunningHub,
) -> None:
    abe = person(cluster_hub, "abe")

    form = abe.get("/hub/new-server?name=course")
    told = abe.start(form.url.path, **{**CHOICE, "size": "large"})

    assert heading(form) == "Start the server “course”"
    assert told.url.path.startswith("/user/abe/course/")
    assert told.json()["size"] == "large"
    home = abe.get("/hub/home")
    assert {"start", "start-course", "stop-course"} <= set(Outline(home).ids)
    assert {"stop", "delete-course"}.isdisjoint(Outline(home).ids)

    abe.press("stop-course")
    assert stopped(abe, "course")
    abe.press("delete-course")
    assert abe.servers == []
    assert "course" not in Outline(abe.get("/hub/home")).ids


def test_servers_run_side_by_side(cluster_hub: RunningHub) -> None:
    bob = person(cluster_hub, "bob")

    default = bob.start("/hub/spawn", **CHOICE)
    named = bob.start("/hub/spawn/bob/x", **CHOICE, packages="without")

    assert default.json()["packages"] == "with"
    assert named.json()["packages"] == "without"
    bob.press("stop-x")
    assert stopped(bob, "x")
    assert bob.get("/user/bob/").json()["packages"] == "with"


def test_form_counts_what_other_servers_take(cluster_hub: RunningHub) -> None:
    lou = person(cluster_hub, "lou")
    lou.start("/hub/spawn", **{**CHOICE, "size": "large"})
    told = "Your other servers leave 1 CPU, 2 GiB and 19 pods of your quota."

    form = lou.get("/hub/spawn/lou/x")
    page = lou.submit(form, **CHOICE)
    call = cluster_hub.call("POST", "/users/lou/servers/x", CHOICE)

    assert told in form.text
    assert page.status_code == 400
    assert ": stop another server of yours first." in page.text
    assert call.status_code == 400
    assert lou.get("/user/lou/").json()["size"] == "large"
    lou.press("stop")
    until(lambda: told not in lou.get("/hub/spawn/lou/x").text, "there is room again")
    cluster_hub.call("DELETE", "/users/lou/servers/x", {"remove": True})
    assert lou.start("/hub/spawn/lou/x", **CHOICE).json()["size"] == "small"


def test_refused_form_makes_no_server(cluster_hub: RunningHub) -> None:
    cy = person(cluster_hub, "cy")

    page = cy.submit(cy.get("/hub/spawn/cy/new"), **{**CHOICE, "size": "gpu"})

    assert page.status_code == 400
    assert heading(page) == "Start the server “new”"
    assert "Nothing was started" in page.text
    assert "only for members of the group astro" in page.text
    assert cy.servers == []
    assert cy.submit(page, **CHOICE).is_success
    assert cy.servers == ["new"]


def test_refused_form_of_a_known_server_is_shown_again(cluster_hub: RunningHub) -> None:
    dan = person(cluster_hub, "dan")
    dan.start("/hub/spawn/dan/known", **CHOICE)
    dan.press("stop-known")
    assert stopped(dan, "known")

    page = dan.submit(dan.get("/hub/spawn/dan/known"), **{**CHOICE, "size": "gpu"})

    # JupyterHub 6.1 by itself shows the form of the default server, without problems.
    assert heading(page) == "Start the server “known”"
    assert "only for members of the group astro" in page.text


def test_limit_is_reported_wherever_a_server_could_be_added(
    cluster_hub: RunningHub,
) -> None:
    ewa = person(cluster_hub, "ewa")
    for name in ("one", "two"):
        ewa.start(f"/hub/spawn/ewa/{name}", **CHOICE)

    home = ewa.get("/hub/home")
    named = ewa.get("/hub/new-server?name=three")
    direct = ewa.get("/hub/spawn/ewa/three?size=large")
    call = cluster_hub.call("POST", "/users/ewa/servers/three", CHOICE)

    assert "is-full" in Outline(home).ids
    assert "name" not in Outline(home).ids
    for page in (named, direct):
        assert page.status_code == 400
        assert heading(page) == "This server cannot be added"
        assert "You have 2 named servers, the most" in page.text
    assert call.status_code == 400
    assert ewa.servers == ["one", "two"]


@pytest.mark.parametrize(
    "name", ["Course", "a b", "-a", "a--b", "1a", "ä", "", "a" * 31]
)
def test_impossible_name_is_refused_next_to_its_field(
    cluster_hub: RunningHub, name: str
) -> None:
    fay = person(cluster_hub, "fay")

    page = fay.http.get("/hub/new-server", params={"name": name})

    assert page.status_code == 400
    assert 'id="name-problem"' in page.text
    assert fay.servers == []


def test_failed_start_is_explained_in_the_list(cluster_hub: RunningHub) -> None:
    gil = person(cluster_hub, "gil")

    page = gil.start("/hub/spawn/gil/broken", **CHOICE)

    assert "There is no such image." in page.text
    home = gil.get("/hub/home")
    assert "There is no such image." in home.text
    assert "delete-broken" in Outline(home).ids


def test_server_of_another_user_is_out_of_reach(cluster_hub: RunningHub) -> None:
    hal = person(cluster_hub, "hal")
    hal.start("/hub/spawn/hal/own", **CHOICE)
    ida = person(cluster_hub, "ida")

    for path in ("/hub/spawn/hal", "/hub/spawn/hal/own", "/hub/spawn/hal/new"):
        page = ida.get(path)
        assert page.status_code in {403, 404}, path
        assert "Traceback" not in page.text
    assert "own" not in ida.get("/hub/home").text.partition("<main")[2]
    assert hal.servers == ["own"]


def test_page_of_a_stopped_named_server_leads_to_its_form(
    cluster_hub: RunningHub,
) -> None:
    jo = person(cluster_hub, "jo")
    jo.start("/hub/spawn/jo/k", **CHOICE)
    jo.press("stop-k")
    assert stopped(jo, "k")

    page = until(lambda: at_hub(jo, "/user/jo/k/lab?image=older"), "the route is gone")

    assert page.status_code == 424
    assert heading(page) == "Your server is not running"
    (link,) = [it for it in Outline(page).links if "/spawn/" in it]
    assert link.startswith("/hub/spawn/jo/k?next=")
    assert heading(jo.get(link)) == "Start the server “k”"


def test_running_server_is_not_deleted(cluster_hub: RunningHub) -> None:
    kai = person(cluster_hub, "kai")
    kai.start("/hub/spawn/kai/w", **CHOICE)

    page = kai.send("/hub/delete-server", server="w")

    assert page.status_code == 409
    assert "Stop the server “w” first" in page.text
    assert kai.servers == ["w"]
