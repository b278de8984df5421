import ast

import pytest

from spark_connector.conf_name import missed_names


@pytest.mark.parametrize(
    ("code", "missed"),
    [
        ("SparkContext(conf=swan_spark_conf)", {"swan_spark_conf"}),
        ("def f():\n    return conf", {"conf"}),
        ("conf.set('spark.a', '1'); swan_spark_conf", {"conf", "swan_spark_conf"}),
        ("conf = SparkConf(); conf.get('spark.a')", set()),
        ("def f(conf):\n    return conf", set()),
        ("from mine import conf\nconf.x", set()),
        ("import mine as conf\nconf.x", set()),
        ("for conf in []: conf", set()),
        ("SparkContext(conf=mine)", set()),
        ("'conf'", set()),
    ],
)
def test_names_that_a_cell_only_reads_are_missed(code: str, missed: set[str]) -> None:
    assert missed_names(ast.parse(code), {"mine": 1}) == missed


def test_name_of_the_notebook_is_not_missed() -> None:
    assert missed_names(ast.parse("conf"), {"conf": None}) == set()
