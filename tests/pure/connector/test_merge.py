"""Laws of merging, for any settings."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from spark_connector.merge import merge_bundles, merge_layers
from spark_connector.rules import SEPARATORS, join
from spark_connector.setting import Setting

ENTRY = st.text("abc/.-=", min_size=1, max_size=6)
COLLECTION = st.lists(ENTRY, max_size=5)
SEPARATOR = st.sampled_from(sorted(set(SEPARATORS.values())))
KEY = st.sampled_from([*sorted(SEPARATORS), "spark.a", "spark.b", "spark.c"])
SETTING = st.builds(Setting, KEY, ENTRY, st.sampled_from(["x.yaml", "y.yaml"]))
SETTINGS = st.lists(SETTING, max_size=12)
LAYER = SETTINGS.map(lambda settings: {s.key: s for s in settings})


@given(SEPARATOR, COLLECTION, COLLECTION, COLLECTION)
def test_joining_is_associative(
    separator: str, a: list[str], b: list[str], c: list[str]
) -> None:
    one, two, three = (separator.join(entries) for entries in (a, b, c))

    left = join(separator, join(separator, one, two), three)
    right = join(separator, one, join(separator, two, three))

    assert left == right


@given(SEPARATOR, COLLECTION, COLLECTION)
def test_joining_loses_and_invents_nothing(
    separator: str, a: list[str], b: list[str]
) -> None:
    joined = join(separator, separator.join(a), separator.join(b)).split(separator)

    assert set(joined) - {""} == {*a, *b}


@given(SEPARATOR, COLLECTION)
def test_joining_with_nothing_changes_nothing(separator: str, a: list[str]) -> None:
    text = join(separator, separator.join(a), "")

    assert join(separator, "", text) == join(separator, text, "") == text


@given(SETTINGS)
def test_bundles_merge_the_same_way_each_time(settings: list[Setting]) -> None:
    assert merge_bundles(settings) == merge_bundles(list(settings))


@given(SETTINGS)
def test_merging_bundles_loses_no_key_and_reports_every_disagreement(
    settings: list[Setting],
) -> None:
    merged, problems = merge_bundles(settings)

    assert merged.keys() == {s.key for s in settings}
    single = {s.key for s in settings if s.key not in SEPARATORS}
    disagreed = {
        key for key in single if len({s.value for s in settings if s.key == key}) > 1
    }
    assert {problem.key for problem in problems} == disagreed


@given(st.lists(LAYER, max_size=4))
def test_layers_merge_in_any_grouping(layers: list[dict[str, Setting]]) -> None:
    nothing: dict[str, Setting] = {}
    stepwise = reduce(lambda a, b: merge_layers([a, b]), layers, nothing)

    assert merge_layers(layers) == stepwise


@given(LAYER, LAYER)
def test_later_layer_wins_where_a_key_has_one_value(
    weak: dict[str, Setting], strong: dict[str, Setting]
) -> None:
    merged = merge_layers([weak, strong])

    assert merged.keys() == weak.keys() | strong.keys()
    for key, setting in strong.items():
        assert key in SEPARATORS or merged[key] == setting
