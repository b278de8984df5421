import pytest
from cygnet_hub.kubernetes import pages, server_list, server_name
from traitlets.config import Config

from tests.support import offered


@pytest.mark.parametrize("name", ["a", "course", "course-2", "a1-b2-c3", "a" * 30])
def test_name_that_can_be_has_no_problem(name: str) -> None:
    assert server_name.problem(name, {""}, 2) == ""


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("My Course", "my-course"),
        ("a--b", "a-b"),
        ("-a-", "a"),
        ("1st", "st"),
        ("Übung 3", "ubung-3"),
        ("a" * 29 + " b", "a" * 29),
        ("a_b", "a-b"),
    ],
)
def test_name_that_cannot_be_gets_the_nearest_that_can(
    name: str, proposal: str
) -> None:
    assert f"“{proposal}”" in server_name.problem(name, {""}, 2)
    assert server_name.problem(proposal, {""}, 2) == ""


@pytest.mark.parametrize("name", ["", "-", "123", "例"])
def test_nothing_is_proposed_where_nothing_can_stay(name: str) -> None:
    assert server_name.problem(name, set(), 2).endswith("begins with a letter.")


def test_limit_comes_before_the_name() -> None:
    assert "You have 1 named server, the most" in server_name.problem("B", {"", "a"}, 1)
    assert "already" in server_name.problem("a", {"", "a"}, 1)
    assert "one server, without named ones" in server_name.problem("a", {""}, 0)


@pytest.mark.parametrize("limit", [0, 3])
def test_jupyterhub_has_the_same_limit(limit: int) -> None:
    c = Config()

    pages.apply(c, offered.settings(named_servers=limit))

    # JupyterHub takes 0 for no limit, so there the whole feature is off.
    assert c.JupyterHub.allow_named_servers is (limit > 0)
    assert c.JupyterHub.named_server_limit_per_user == limit


@pytest.mark.parametrize(
    ("pending", "is_ready", "state"),
    [
        (None, False, "stopped"),
        ("spawn", False, "starting"),
        ("check", False, "starting"),
        (None, True, "running"),
        ("stop", True, "stopping"),
    ],
)
def test_state_is_one_word(pending: str | None, state: str, *, is_ready: bool) -> None:
    assert server_list.state(pending=pending, is_ready=is_ready) == state
