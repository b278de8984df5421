from pathlib import Path

from spark_connector.setting import Setting
from spark_connector.spark_defaults import (
    default_settings,
    folder_problems,
    parse_defaults,
    parse_submit,
)
from tests.support.connector import environment


def test_defaults_are_read_as_java_reads_them() -> None:
    text = (
        "# comment\n! comment\n\n"
        "spark.a   1\nspark.b=2 \nspark.c: x y\nspark.d\n"
        "spark.e one\\\n   two\nspark.f=\\u0041\\=\\\\\n"
    )

    settings = parse_defaults(text, "f")

    assert settings == [
        Setting("spark.a", "1", "f, line 4"),
        Setting("spark.b", "2", "f, line 5"),
        Setting("spark.c", "x y", "f, line 6"),
        Setting("spark.d", "", "f, line 7"),
        Setting("spark.e", "onetwo", "f, line 9"),
        Setting("spark.f", "A=\\", "f, line 10"),
    ]


def test_submit_arguments_become_settings() -> None:
    text = "--master local[2] --conf spark.a=b=c --driver-memory=2g -c 'spark.d=e f'"

    settings, problems = parse_submit(f"{text} pyspark-shell")

    assert problems == []
    assert [(s.key, s.value) for s in settings] == [
        ("spark.master", "local[2]"),
        ("spark.a", "b=c"),
        ("spark.driver.memory", "2g"),
        ("spark.d", "e f"),
    ]
    assert {s.origin for s in settings} == {"PYSPARK_SUBMIT_ARGS"}


def test_unknown_submit_arguments_are_reported_each() -> None:
    _, problems = parse_submit("--properties-file=x --proxy-user=y pyspark-shell")

    assert [p.key for p in problems] == ["--properties-file", "--proxy-user"]


def test_unreadable_submit_arguments_are_reported() -> None:
    _, (problem,) = parse_submit("--conf 'spark.a=b")

    assert problem.place == "PYSPARK_SUBMIT_ARGS"


def test_unreadable_defaults_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "spark-defaults.conf"
    path.write_bytes(b"\xff\xfe\xff")

    _, (problem,) = default_settings(environment(spark_conf=path))

    assert problem.place == str(path)


def test_missing_defaults_are_fine(tmp_path: Path) -> None:
    around = environment(spark_conf=tmp_path / "gone")

    assert default_settings(around) == ([], [])


def test_variable_that_is_a_setting_is_one_and_has_its_origin() -> None:
    around = environment(settings=(("SPARK_LOCAL_DIRS", "spark.local.dir", "/fast"),))

    settings, problems = default_settings(around)

    assert settings == [Setting("spark.local.dir", "/fast", "SPARK_LOCAL_DIRS")]
    assert problems == []


def test_file_for_hives_database_is_refused_where_it_would_be_read() -> None:
    hive = Setting("spark.sql.catalogImplementation", "Hive", "a bundle")
    settings = {hive.key: hive}
    there = environment(has_derby_properties=True)

    (problem,) = folder_problems(settings, there)

    assert problem.place == "derby.properties"
    assert folder_problems(settings, environment()) == []
    assert folder_problems({}, there) == []
