"""The list of an executor's fields, against Kubernetes' own of each version."""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

import pytest
import yaml

from tests.support.source import ROOT

CHART = ROOT / "helm/cygnet"
SHAPE: dict[str, dict[str, Any]] = yaml.safe_load((CHART / "executor.yaml").read_text())
POLICY = "".join(
    (CHART / f"templates/policies/{it}.yaml").read_text()
    for it in ("executors", "fields")
)
CLASSES = {"fixed", "optional", "bounded", "free", "written", "forbidden"}
OLDEST = 30
PACKAGE = resources.files("kubernetes_validate") / "kubernetes-json-schema"
VERSIONS = sorted(
    (int(found[1]), it.name)
    for it in PACKAGE.iterdir()
    if (found := re.fullmatch(r"v1\.(\d+)\.0-local", it.name))
    and int(found[1]) >= OLDEST
)


@cache
def definitions(version: str) -> dict[str, Any]:
    """Give Kubernetes' types of a version, by their short names."""
    text = (PACKAGE / version / "_definitions.json").read_text()
    return {
        name.rpartition(".")[2]: it
        for name, it in json.loads(text)["$defs"].items()
        if ".core.v1." in name or ".meta.v1." in name
    }


def fields(kind: str) -> list[str]:
    """Give every field that the list has for a type."""
    return [name for part in SHAPE[kind].values() for name in part]


@pytest.mark.parametrize("kind", SHAPE)
def test_list_has_each_field_once_and_in_a_known_class(kind: str) -> None:
    assert SHAPE[kind].keys() <= CLASSES
    assert len(fields(kind)) == len(set(fields(kind)))


@pytest.mark.parametrize("kind", SHAPE)
@pytest.mark.parametrize("version", [name for _, name in VERSIONS])
def test_list_has_every_field_of_kubernetes(version: str, kind: str) -> None:
    known = definitions(version)[kind]["properties"].keys()

    assert known - set(fields(kind)) == set()


@pytest.mark.parametrize("kind", SHAPE)
def test_list_has_no_other_field(kind: str) -> None:
    known = {it for _, name in VERSIONS for it in definitions(name)[kind]["properties"]}

    assert set(fields(kind)) - known == set()


@pytest.mark.parametrize("kind", SHAPE)
def test_each_type_is_looked_at_by_the_policy(kind: str) -> None:
    assert f'"{kind}"' in POLICY


@pytest.mark.parametrize("kind", SHAPE)
def test_what_is_bounded_has_a_rule(kind: str) -> None:
    bounded = set(SHAPE[kind].get("bounded", []))

    assert {it for it in bounded if not re.search(rf"[.?]{it}\b", POLICY)} == set()


def keeps_to(part: dict[str, Any], kind: str) -> bool:
    """Say whether a part of a pod has the fields that the list permits."""
    shape = SHAPE[kind]
    fixed = {**shape.get("fixed", {}), **shape.get("optional", {})}
    permitted = {*fixed, *shape.get("bounded", []), *shape.get("free", [])}
    return part.keys() <= permitted and all(
        part.get(name, value) == value for name, value in fixed.items()
    )


def test_executors_of_the_image_keep_to_the_list() -> None:
    described = yaml.safe_load((ROOT / "images/user/files/executor.yaml").read_text())
    spec = described["spec"]
    (container,) = spec["containers"]

    assert keeps_to(spec, "PodSpec")
    assert keeps_to(spec["securityContext"], "PodSecurityContext")
    assert keeps_to(container, "Container")
    assert keeps_to(container["securityContext"], "SecurityContext")
    assert not keeps_to({**spec, "subdomain": "a"}, "PodSpec")
    assert not keeps_to({**spec, "dnsPolicy": "Default"}, "PodSpec")


def test_versions_from_the_oldest_supported_one_are_compared() -> None:
    assert [number for number, _ in VERSIONS][:7] == list(range(OLDEST, OLDEST + 7))
