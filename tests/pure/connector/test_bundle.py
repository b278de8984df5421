import pytest

from spark_connector.bundle import parse_bundle
from spark_connector.catalog import SHIPPED
from spark_connector.errors import RefusedError
from spark_connector.problem import Problem

GOOD = """\
title: Many files
description: For many files.
owner: Data group
version: "2"
spark: ">=4,<5"
cluster:
  type: local
  cores: 2
  memory: 1g
options:
  spark.a: 010
  spark.b: yes
  spark.c: 1.0
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(RefusedError) as caught:
        parse_bundle(text, "weak.yaml")
    return list(caught.value.problems)


def test_bundle_keeps_what_the_file_says() -> None:
    named = parse_bundle(GOOD, "many.yaml")

    assert named.name == "many"
    assert named.bundle.title == "Many files"
    assert named.bundle.cluster is not None
    assert named.bundle.cluster.cores == 2


def test_values_keep_their_spelling_but_booleans_become_sparks() -> None:
    options = parse_bundle(GOOD, "many.yaml").bundle.options

    assert options == {"spark.a": "010", "spark.b": "true", "spark.c": "1.0"}


def test_option_knows_its_line() -> None:
    named = parse_bundle(GOOD, "many.yaml")

    assert named.origin("spark.b") == "many.yaml, line 12"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_bundle_is_good(path: object) -> None:
    text = SHIPPED.joinpath(str(path)).read_text(encoding="utf-8")

    named = parse_bundle(text, str(path))

    assert named.bundle.description
    assert named.bundle.owner == "Cygnet"


def test_every_problem_is_reported_at_once() -> None:
    text = "titel: T\nspark: four\ncluster:\n  type: cloud\n  memory: 1\n"

    found = problems(text)

    assert [(p.place, p.key) for p in found] == [
        ("weak.yaml", "title"),
        ("weak.yaml, line 2", "spark"),
        ("weak.yaml, line 4", "cluster.type"),
        ("weak.yaml, line 1", "titel"),
    ]
    assert all(p.reason and p.remedy for p in found)


def test_unknown_key_is_reported_with_the_near_match() -> None:
    (problem,) = problems("title: T\nopitons: {}\n")

    assert problem.place == "weak.yaml, line 2"
    assert "Did you mean 'options'?" in problem.remedy


def test_syntax_error_is_reported_with_its_line() -> None:
    (problem,) = problems("title: T\noptions:\n  - a: [\n")

    assert problem.place.startswith("weak.yaml, line ")
    assert problem.reason.startswith("This is not YAML: ")


def test_key_that_stands_twice_is_refused() -> None:
    (problem,) = problems("title: T\noptions:\n  spark.a: 1\n  spark.a: 2\n")

    assert problem.place == "weak.yaml, line 4"
    assert problem.reason == "The key stands here and in line 3."


def test_alias_is_refused() -> None:
    (problem,) = problems("title: &a T\nowner: *a\n")

    assert "alias" in problem.reason


@pytest.mark.parametrize("text", ["", "just text", "- a\n- b\n"])
def test_file_that_is_no_mapping_is_refused(text: str) -> None:
    (problem,) = problems(text)

    assert problem.place == "weak.yaml"


@pytest.mark.parametrize("value", ["", "[1, 2]", "{a: 1}"])
def test_option_with_no_single_value_is_refused(value: str) -> None:
    (problem,) = problems(f"title: T\noptions:\n  spark.a: {value}\n")

    assert problem.key == "spark.a"
    assert problem.place == "weak.yaml, line 3"


@pytest.mark.parametrize("cores", ["0", "-1", "many"])
def test_number_of_cores_that_is_none_is_refused(cores: str) -> None:
    found = problems(f"title: T\ncluster: {{type: local, cores: {cores}}}\n")

    assert {p.place for p in found} == {"weak.yaml, line 2"}


@pytest.mark.parametrize(
    ("lines", "reason", "remedy"),
    [
        (
            "cluster: {type: yarn}",
            "There is no cluster 'yarn'.",
            "Write one of these: local, kubernetes.",
        ),
        (
            "cluster: {cores: 2}",
            "The cluster has no type.",
            "Write one of these: local, kubernetes.",
        ),
        (
            "cluster: {type: local, cores: many}",
            "'many' is not possible here.",
            "It means: How many tasks run at once; `all` cores.",
        ),
        (
            "cluster: local",
            "'local' is not a mapping of keys and values.",
            "It means: Where Spark runs; a bundle without only adds.",
        ),
        (f"owner: {'x' * 81}", "The text has more than 80 characters.", "It means: "),
        ("options: [a]", "A list is not a mapping", "It means: Spark keys and"),
        ("spark: 4", "'4' is not a version range; write '>=4,<5'.", "It means: "),
        ("spark: 3.5.1", "'3.5.1' is not a version range; write '>=3.5,<3.6'.", "It"),
        ("spark: four", "'four' is not a version range; write '>=4,<5'.", "It means"),
    ],
)
def test_what_does_not_fit_is_said_in_own_words(
    lines: str, reason: str, remedy: str
) -> None:
    (problem,) = problems(f"title: T\n{lines}\n")

    assert problem.reason.startswith(reason)
    assert problem.remedy.startswith(remedy)


@pytest.mark.parametrize(
    "text", ['title: "A \\ud800"\n', 'title: A\noptions:\n  "spark.a": "\\udfff"\n']
)
def test_half_a_character_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_bundle(text, "half.yaml")

    assert "half a character" in str(refused.value)
    assert str(refused.value).encode()
