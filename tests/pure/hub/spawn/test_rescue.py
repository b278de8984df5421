from dataclasses import replace

import pytest
from cygnet_hub.kubernetes import pod
from cygnet_hub.spawn import rescue
from cygnet_hub.spawn.problem import FieldProblem
from cygnet_hub.spawn.rescue import Start

from tests.support.pod_request import pod_request, site


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ({}, Start.USUAL),
        ({"start": ()}, Start.USUAL),
        ({"start": ("usual",)}, Start.USUAL),
        ({"start": ("usual", " rescue ")}, Start.RESCUE),
        ({"start": ("reset",)}, Start.RESET),
    ],
)
def test_field_is_read(form: dict[str, tuple[str, ...]], start: Start) -> None:
    assert rescue.read(form) is start


def test_unknown_start_is_refused_with_the_known_ones() -> None:
    problem = rescue.read({"start": ("<b>",)})

    assert isinstance(problem, FieldProblem)
    assert "“<b>” is not a way to start" in problem.reason
    assert "usual, rescue, reset" in problem.remedy


def started(start: Start) -> dict[str, str]:
    ordered = replace(pod_request(site()), start=start)
    return pod.environment(ordered, site())


def test_rescued_server_looks_nowhere_into_the_home() -> None:
    usual, rescued = started(Start.USUAL), started(Start.RESCUE)
    more = {k: v for k, v in rescued.items() if usual.get(k) != v}

    assert more.keys() >= {"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"}
    assert more["PYTHONNOUSERSITE"] == "1"
    assert all(it in {"", "1"} or it.startswith("/tmp/") for it in more.values())  # noqa: S108 - The pod's.


def test_reset_names_what_the_image_moves() -> None:
    moved = started(Start.RESET)["CYGNET_MOVE_ASIDE"].split(":")

    assert ".jupyter" in moved
    assert all(it.startswith(".") and ".." not in it for it in moved)
    assert "CYGNET_MOVE_ASIDE" not in started(Start.RESCUE)
