from dataclasses import replace
from pathlib import Path

import pytest

from spark_connector.bundle import parse_bundle
from spark_connector.capacity import Capacity
from spark_connector.environment import Variables, read_environment
from spark_connector.errors import RefusedError
from spark_connector.explanation import Explanation
from spark_connector.problem import Problem
from spark_connector.resolve import Resolved, resolve
from tests.support.connector import (
    GIBIBYTE,
    bundle,
    environment,
    on_pods,
    place,
    resolved,
)


def problems_of(*bundles: object, **options: object) -> list[Problem]:
    with pytest.raises(RefusedError) as caught:
        resolved(*bundles, **options)  # type: ignore[arg-type] # pytest has no way to type this.
    return list(caught.value.problems)


def origin(result: Resolved, key: str) -> str:
    return next(s.origin for s in result.settings if s.key == key)


def test_bundle_without_cluster_gets_the_default_one() -> None:
    result = resolved(bundle("tuning", **{"spark.a": "1"}))

    assert result.names == ("place", "tuning")
    assert result.value("spark.master") == "local[2]"
    assert result.value("spark.driver.memory") == "1g"
    assert origin(result, "spark.a") == "tuning.yaml, line 3"


def test_keys_are_sorted_and_unique() -> None:
    keys = [setting.key for setting in resolved(**{"spark.a": 1}).settings]

    assert keys == sorted(set(keys))


def test_option_of_the_caller_wins_over_bundles() -> None:
    one, two = bundle("one", **{"spark.a": "1"}), bundle("two", **{"spark.a": "2"})

    result = resolved(one, two, **{"spark.a": True})

    assert result.value("spark.a") == "true"
    assert origin(result, "spark.a") == "connect()"


def test_two_bundles_that_disagree_are_both_named() -> None:
    one, two = bundle("one", **{"spark.a": "1"}), bundle("two", **{"spark.a": "2"})

    (problem,) = problems_of(one, two)

    assert problem.place == "one.yaml, line 3 and two.yaml, line 3"
    assert problem.key == "spark.a"
    assert "'1' and '2'" in problem.reason


def test_two_bundles_that_agree_are_fine() -> None:
    one, two = bundle("one", **{"spark.a": "1"}), bundle("two", **{"spark.a": "1"})

    assert resolved(one, two).value("spark.a") == "1"


@pytest.mark.parametrize(("one", "other"), [("true", "True"), ("FALSE", " false")])
def test_two_spellings_of_one_truth_agree(one: str, other: str) -> None:
    bundles = bundle("one", **{"spark.a": one}), bundle("two", **{"spark.a": other})

    assert resolved(*bundles).value("spark.a") in {one, other.strip()}


def test_cluster_that_nobody_named_yields() -> None:
    result = resolved(bundle("tuning", **{"spark.driver.memory": "3g"}))

    assert result.value("spark.driver.memory") == "3g"
    assert origin(result, "spark.driver.memory") == "tuning.yaml, line 3"


def test_memory_that_a_named_cluster_leaves_open_yields() -> None:
    cluster = parse_bundle("title: O\ncluster: {type: local}", "open.yaml")

    result = resolved(cluster, bundle("tuning", **{"spark.driver.memory": "3g"}))

    assert result.value("spark.driver.memory") == "3g"


def test_memory_that_a_named_cluster_writes_conflicts() -> None:
    tuning = bundle("tuning", **{"spark.driver.memory": "3g"})

    (problem,) = problems_of(place(), tuning)

    assert problem.place == "place.yaml and tuning.yaml, line 3"


def test_default_yields_to_the_surroundings() -> None:
    around = environment(submit_args="--driver-memory 3g pyspark-shell")

    assert resolve([], place(), {}, around).value("spark.driver.memory") == "3g"


def test_executors_that_a_named_cluster_leaves_open_yield() -> None:
    tuning = bundle("tuning", **{"spark.executor.memory": "1g"})

    assert on_pods("type: kubernetes", tuning).value("spark.executor.memory") == "1g"


def test_two_clusters_are_refused() -> None:
    other = parse_bundle("title: O\ncluster: {type: local, memory: 1g}", "other.yaml")

    (problem,) = problems_of(place(), other)

    assert problem.place == "place.yaml and other.yaml"
    assert problem.key == "cluster"


def test_all_problems_come_at_once() -> None:
    weak = bundle("weak", **{"spark.authenticate": "false", "spark.b": "${nobody}"})
    old = parse_bundle("title: Old\nspark: '<4'\n", "old.yaml")

    found = problems_of(weak, old, **{"spark.plugins": "x", "spark.driver.memory": "9"})

    assert {problem.key for problem in found} == {
        "spark.authenticate",
        "spark.b",
        "spark",
        "spark.plugins",
        "spark.driver.memory",
    }


def test_variables_are_filled_in_from_the_declared_ones_only() -> None:
    result = resolved(bundle("b", **{"spark.a": "${home}/${user}"}))

    assert result.value("spark.a") == "/home/ada/ada"
    (problem,) = problems_of(bundle("b", **{"spark.a": "${env:HOME}"}))
    assert problem.reason == "There is no variable '${env:HOME}'."
    assert problem.remedy == "There are: user, home, work, scratch."


def test_option_of_the_caller_keeps_its_dollar() -> None:
    assert resolved(**{"spark.a": "${user}"}).value("spark.a") == "${user}"


def test_class_paths_jars_and_java_options_join() -> None:
    one = bundle(
        "one",
        **{
            "spark.jars": "a.jar",
            "spark.driver.extraClassPath": "/a",
            "spark.driver.extraJavaOptions": "-Da=1",
        },
    )
    more = {
        "spark.jars": "b.jar,a.jar",
        "spark.driver.extraClassPath": "/b",
        "spark.driver.extraJavaOptions": "-Db=2",
    }

    result = resolved(one, **more)

    assert result.value("spark.jars") == "a.jar,b.jar"
    assert result.value("spark.driver.extraClassPath") == "/a:/b"
    assert result.value("spark.driver.extraJavaOptions") == "-Da=1 -Db=2"
    assert origin(result, "spark.jars") == "one.yaml, line 3; connect()"


@pytest.mark.parametrize("by", ["bundle", "call"])
def test_master_is_for_the_cluster_to_say(by: str) -> None:
    key = {"spark.master": "yarn"}

    (problem,) = (
        problems_of(bundle("b", **key)) if by == "bundle" else problems_of(**key)
    )

    assert problem.key == "spark.master"


def test_limits_of_the_form_hold_and_are_said() -> None:
    narrow = Capacity(4, 8 * GIBIBYTE, cores_limit=1, memory_limit="512m")

    result = resolve([], place(), {}, environment(capacity=narrow))

    assert result.value("spark.master") == "local[1]"
    assert result.value("spark.driver.memory") == "512m"
    assert result.notices == (
        "The start form limits Spark to 1 core.",
        "The start form limits Spark's memory to 512 MB.",
    )


def test_limit_holds_against_the_caller_too() -> None:
    narrow = Capacity(4, 8 * GIBIBYTE, memory_limit="2g")

    result = resolve(
        [], place(), {"spark.driver.memory": "4g"}, environment(capacity=narrow)
    )

    assert result.value("spark.driver.memory") == "2g"
    assert origin(result, "spark.driver.memory") == "connect(), limited"


def test_more_cores_than_the_machine_has_are_reduced_and_said() -> None:
    small = Capacity(1, 8 * GIBIBYTE)

    result = resolve([], place(), {}, environment(capacity=small))

    assert result.value("spark.master") == "local[1]"
    assert result.notices == ("This machine has 1 core; 2 were asked for.",)


SINK = "spark.metrics.conf.*.sink.g"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{SINK}.class", "org.apache.spark.metrics.sink.GraphiteSink"),
        (f"{SINK}.host", "metrics.example.org"),
        (
            "spark.metrics.conf.driver.source.jvm.class",
            "org.apache.spark.metrics.source.JvmSource",
        ),
    ],
)
def test_metrics_of_sparks_own_pass(key: str, value: str) -> None:
    assert resolved(**{key: value}).value(key) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{SINK}.class", "org.apache.spark.metrics.sink.PrometheusServlet"),
        (f"{SINK}.class", "org.example.OpensAPort"),
        ("spark.metrics.conf", "/site/metrics.properties"),
        ("spark.sql.*", "x"),
    ],
)
def test_metrics_that_might_open_a_port_are_refused(key: str, value: str) -> None:
    assert [problem.key for problem in problems_of(**{key: value})] == [key]


@pytest.mark.parametrize(
    ("key", "value", "missing"),
    [
        ("spark.jars", "here.jar,gone.jar", "gone.jar"),
        ("spark.files", "file:///gone.txt", "/gone.txt"),
        ("spark.files", "file:///it%20is%20gone.txt", "/it is gone.txt"),
        ("spark.archives", "local:/gone.zip#lib", "/gone.zip"),
        ("spark.submit.pyFiles", "~/gone.py", "~/gone.py"),
        ("spark.driver.extraClassPath", "/folder:/gone.jar", "/gone.jar"),
    ],
)
def test_file_that_is_not_there_is_refused(
    tmp_path: Path, key: str, value: str, missing: str
) -> None:
    (tmp_path / "here.jar").touch()
    around = replace(
        read_environment(),
        variables=Variables("ada", "/home/ada", str(tmp_path), "/scratch"),
    )

    with pytest.raises(RefusedError) as caught:
        resolve([bundle("b", **{key: value})], place(), {}, around)

    (problem,) = [it for it in caught.value.problems if it.key == key]
    assert problem.place == "b.yaml, line 3"
    assert problem.reason == f"There is no file '{missing}' on this machine."


def test_files_that_are_elsewhere_or_match_a_pattern_pass(tmp_path: Path) -> None:
    for name in ("here.jar", "is here#.jar"):
        (tmp_path / name).touch()
    around = environment(is_there=read_environment().is_there)
    here = f"{tmp_path}/*.jar,file://{tmp_path}/is%20here%23.jar"
    jars = f"hdfs://nn/gone.jar,https://x.org/gone.jar,{here},"

    result = resolve([], place(), {"spark.jars": jars}, around)

    assert result.value("spark.jars") == jars


def test_memory_beyond_the_machine_is_refused() -> None:
    (problem,) = problems_of(**{"spark.driver.memory": "4t"})

    assert problem.reason == "4t is more than this machine has (8g)."


def test_missing_pyspark_is_reported() -> None:
    with pytest.raises(RefusedError, match="pyspark is not installed"):
        resolve([], place(), {}, environment(spark_version=""))


def test_surroundings_count_but_bundles_win(tmp_path: Path) -> None:
    path = tmp_path / "spark-defaults.conf"
    path.write_text("spark.a 1\nspark.b=2\nspark.master yarn\n")
    around = environment(spark_conf=path, submit_args="--conf spark.b=3 pyspark-shell")

    result = resolve([bundle("b", **{"spark.a": "9"})], place(), {}, around)

    assert result.value("spark.a") == "9"
    assert result.value("spark.b") == "3"
    assert result.value("spark.master") == "local[2]"


def test_what_does_not_count_is_reported() -> None:
    around = environment(left_out=("A variable.",))
    options = {
        "spark.driver.extraClassPath": "/a.jar::b.jar",
        "spark.pyspark.python": "/usr/bin/python3",
    }

    result = resolve([], place(), options, around)

    assert result.value("spark.driver.extraClassPath") == "/a.jar"
    variable, path, python = result.notices
    assert variable == "A variable."
    assert path.startswith("spark.driver.extraClassPath: '', 'b.jar' was left out")
    assert python.startswith("spark.pyspark.python is not used")


def test_explanation_hides_what_sounds_secret_and_escapes_the_rest() -> None:
    options = {"spark.hadoop.fs.s3a.secret.key": "hunter2", "spark.a": "<b>"}

    explanation = Explanation(resolved(**options))

    page = explanation._repr_html_()
    assert "hunter2" not in repr(explanation) + page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "spark.a" in repr(explanation)


def test_name_of_the_session_is_that_of_the_notebook() -> None:
    around = replace(environment(), session_name="flights")

    assert resolve([], place(), {}, around).value("spark.app.name") == "flights"
