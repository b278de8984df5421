import os

import pytest

from spark_connector.class_path import absolute_settings
from spark_connector.search_path import (
    LEFT_OUT,
    LISTS,
    PLACES,
    PROGRAMS,
    absolute_entries,
    absolute_only,
    left_out,
    with_left_out,
)
from spark_connector.setting import Setting


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("", "", ()),
        ("/a:/b", "/a:/b", ()),
        (":/a", "/a", ("",)),
        ("/a:", "/a", ("",)),
        ("/a::/b", "/a:/b", ("",)),
        (".:/a:lib:../b:~/c", "/a", (".", "lib", "../b", "~/c")),
    ],
)
def test_entries_without_a_place_of_their_own_are_taken_out(
    text: str, kept: str, dropped: tuple[str, ...]
) -> None:
    entries = absolute_entries(text, ":")

    assert (entries.kept, entries.left_out) == (kept, dropped)


@pytest.mark.parametrize("name", LISTS)
def test_list_keeps_its_absolute_entries(name: str) -> None:
    cleaned = absolute_only({name: f"/a{os.pathsep}{os.pathsep}lib", "FINE": "lib"})

    assert cleaned.pop(LEFT_OUT).startswith(f"{name}: '', 'lib' was left out")
    assert cleaned == {name: "/a", "FINE": "lib"}


@pytest.mark.parametrize("name", LISTS)
def test_list_without_any_place_is_not_left_empty(name: str) -> None:
    # An empty PATH or LD_LIBRARY_PATH means the working directory.
    assert name not in absolute_only({name: "."})


@pytest.mark.parametrize("name", [*PLACES, *PROGRAMS])
def test_relative_place_is_left_out_and_an_absolute_one_stays(name: str) -> None:
    assert list(absolute_only({name: "some/place"})) == [LEFT_OUT]
    assert absolute_only({name: "/some/place"}) == {name: "/some/place"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_may_be_looked_up(name: str) -> None:
    assert absolute_only({name: "python3.11"}) == {name: "python3.11"}


def test_what_was_left_out_is_handed_on() -> None:
    first = absolute_only({"PYTHONPATH": ":/a", "JAVA_HOME": "jdk"})
    second = with_left_out(absolute_only(first), ["More.", "More."])

    assert left_out({}) == ()
    assert len(left_out(first)) == 2
    assert left_out(second) == (*left_out(first), "More.")
    assert with_left_out({"A": "b"}, ()) == {"A": "b"}


def test_class_path_of_a_session_keeps_its_absolute_entries() -> None:
    settings = {
        key: Setting(key, value, "somewhere")
        for key, value in {
            "spark.driver.extraClassPath": "/a.jar::lib/*",
            "spark.executor.extraLibraryPath": "/lib",
            "spark.jars": "b.jar,c.jar",
        }.items()
    }

    kept, sentences = absolute_settings(settings)

    assert kept["spark.driver.extraClassPath"].value == "/a.jar"
    assert kept["spark.executor.extraLibraryPath"].value == "/lib"
    assert kept["spark.jars"].value == "b.jar,c.jar"
    assert [it.split(" was")[0] for it in sentences] == [
        "spark.driver.extraClassPath: '', 'lib/*'"
    ]
