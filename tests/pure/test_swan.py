import json

import pytest

from spark_connector.errors import RefusedError
from spark_connector.swan import SwanReading, parse_swan


def read(**bundles: object) -> SwanReading:
    return parse_swan(json.dumps({"bundled_options": bundles}), "bundles.json")


def option(name: str, value: object, **more: str) -> dict[str, object]:
    return {"name": name, "value": value, **more}


def test_options_are_carried_over() -> None:
    options = [
        option("spark.sql.shuffle.partitions", "8"),
        option("spark.speculation", value=True),
        option("spark.jars", "a.jar", concatenate=","),
    ]

    reading = read(NXCALS={"options": options})

    (named,) = reading.bundles
    assert (named.name, named.bundle.title) == ("NXCALS", "NXCALS")
    assert named.bundle.options == {
        "spark.sql.shuffle.partitions": "8",
        "spark.speculation": "true",
        "spark.jars": "a.jar",
    }
    assert reading.notices == ()


def test_known_variable_is_translated_and_unknown_one_told() -> None:
    options = [
        option("spark.a", "/data/{USER}/x"),
        option("spark.b", "{LCG_VIEW}/lib:{HOME}"),
    ]

    reading = read(B={"options": options})

    assert reading.bundles[0].bundle.options == {"spark.a": "/data/${user}/x"}
    (notice,) = reading.notices
    assert (notice.place, notice.key) == ("bundles.json, B", "spark.b")
    assert "LCG_VIEW" in notice.reason


def test_what_only_swan_knows_is_left_out_and_told() -> None:
    reading = read(
        B={
            "options": [option("spark.cern.grafana.url", "https://x")],
            "cluster_filter": ["k8s"],
            "spark_version_filter": ["3.5.1", "3.3.10", "3.3.2"],
        }
    )

    assert [n.key for n in reading.notices] == [
        "spark.cern.grafana.url",
        "cluster_filter",
        "spark_version_filter",
    ]
    assert reading.bundles[0].bundle.spark == ">=3.3.2,<=3.5.1"
    assert reading.bundles[0].bundle.options == {}


def test_one_version_needs_no_notice() -> None:
    reading = read(B={"spark_version_filter": ["4.3.0"]})

    assert reading.bundles[0].bundle.spark == "==4.3.0"
    assert reading.notices == ()


def test_other_way_to_join_is_told() -> None:
    reading = read(
        B={
            "options": [
                option("spark.jars", "a.jar", concatenate=";"),
                option("spark.a", "x", concatenate=","),
            ]
        }
    )

    assert [n.key for n in reading.notices] == ["spark.jars", "spark.a"]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"bundles": {}}', '{"bundled_options": {"B": {"options": [{}]}}}'],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_swan(text, "bundles.json")

    assert all(p.place.startswith("bundles.json") for p in caught.value.problems)


def test_swan_file_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        parse_swan("[" * 100_000, "deep.json")

    assert "nested" in refused.value.problems[0].reason


def test_swan_bundle_without_a_name_does_not_hide_the_others() -> None:
    text = '{"bundled_options": {"": {"options": []}, "GOOD": {"options": []}}}'

    assert len(parse_swan(text, "swan.json").bundles) == 2
