import json

import pytest

from spark_connector.errors import RefusedError
from spark_connector.swan import SwanReading, parse_swan
from tests.support.connector import resolved


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


def test_known_variable_is_translated_and_unknown_one_reported() -> None:
    options = [
        option("spark.a", "/data/{USER}/x"),
        option("spark.b", "{LCG_VIEW}/lib:{HOME}"),
    ]

    reading = read(B={"options": options})

    assert reading.bundles[0].bundle.options == {"spark.a": "/data/${user}/x"}
    (notice,) = reading.notices
    assert (notice.place, notice.key) == ("bundles.json, B", "spark.b")
    assert "LCG_VIEW" in notice.reason


def test_what_only_swan_knows_is_left_out_and_reported() -> None:
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


def test_other_way_to_join_is_reported() -> None:
    reading = read(
        B={
            "options": [
                option("spark.jars", "a.jar", concatenate=";"),
                option("spark.a", "x", concatenate=","),
            ]
        }
    )

    assert [n.key for n in reading.notices] == ["spark.jars"]
    assert reading.bundles[0].joint("spark.a") == ","


def test_key_that_stands_twice_joins_where_swan_joins_it() -> None:
    options = [
        option("spark.jars", "a.jar", concatenate=","),
        option("spark.jars", "b.jar", concatenate=","),
        option("spark.driver.extraJavaOptions", "-Da=1", concatenate=" "),
        option("spark.driver.extraJavaOptions", "-Db=2", concatenate=" "),
        option("spark.mine", "x", concatenate=";"),
        option("spark.mine", "y", concatenate=";"),
        option("spark.single", "first"),
        option("spark.single", "second"),
    ]

    reading = read(B={"options": options})

    assert reading.bundles[0].bundle.options == {
        "spark.jars": "a.jar,b.jar",
        "spark.driver.extraJavaOptions": "-Da=1 -Db=2",
        "spark.mine": "x;y",
        "spark.single": "first",
    }
    (notice,) = reading.notices
    assert notice.key == "spark.single"


def test_key_of_two_bundles_joins_where_swan_joins_it() -> None:
    (one,) = read(ONE={"options": [option("spark.a", "x", concatenate=";")]}).bundles
    (two,) = read(TWO={"options": [option("spark.a", "y", concatenate=";")]}).bundles

    assert resolved(one, two).value("spark.a") == "x;y"
    assert resolved(one, two, **{"spark.a": "z"}).value("spark.a") == "x;y;z"


@pytest.mark.parametrize(
    "entry",
    [
        {"options": [option("spark.a", "fine"), {"name": "spark.b"}]},
        {"options": [option("spark.a", ["list"])]},
        {"options": "spark.a=1"},
        {"cluster_filter": "k8s"},
        ["no", "mapping"],
    ],
)
def test_bad_bundle_hides_no_other(entry: object) -> None:
    reading = read(BAD=entry, GOOD={"options": [option("spark.a", "x")]})

    assert [named.name for named in reading.bundles] == ["GOOD"]
    (problem,) = reading.notices
    assert problem.place == "bundles.json, BAD"
    assert "nput should" not in problem.reason


def test_doubled_brace_stands_for_itself() -> None:
    options = [
        option("spark.a", "{{x}}-{USER}-{{{HOME}}}"),
        option("spark.b", '{{"json": 1}}'),
        option("spark.c", "${{hadoop.variable}}"),
    ]

    reading = read(B={"options": options})

    assert reading.bundles[0].bundle.options == {
        "spark.a": "{x}-${user}-{${home}}",
        "spark.b": '{"json": 1}',
    }
    (notice,) = reading.notices
    assert (notice.key, "left out" in notice.reason) == ("spark.c", True)


def test_list_of_known_options_is_no_broken_bundle() -> None:
    text = '{"spark_options": [{"value": "spark.a", "data": {"category": "A"}}]}'

    assert parse_swan(text, "spark_options.json") == SwanReading((), ())


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


@pytest.mark.parametrize(
    "versions", [["spark3"], [""], ["3.*", "3.5"], ["3.5", "newest"]]
)
def test_filter_that_is_no_version_is_reported_and_left_out(
    versions: list[str],
) -> None:
    reading = read(A={"options": [], "spark_version_filter": versions})

    assert reading.bundles[0].bundle.spark is None
    assert "is not a version of Spark" in reading.notices[0].reason


@pytest.mark.parametrize(
    ("value", "says"),
    [("1" * 5000, "too many digits"), (r'"\ud800"', "half a character")],
    ids=["digits", "half"],
)
def test_value_that_cannot_be_shown_is_refused(value: str, says: str) -> None:
    options = f'[{{"name": "spark.a", "value": {value}}}]'
    text = f'{{"bundled_options": {{"A": {{"options": {options}}}}}}}'

    with pytest.raises(RefusedError) as refused:
        parse_swan(text, "swan.json")

    assert says in refused.value.problems[0].reason
