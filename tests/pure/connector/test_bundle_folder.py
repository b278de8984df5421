from pathlib import Path

import pytest

from spark_connector.catalog import CatalogCache, read_catalog
from spark_connector.errors import RefusedError


def test_shipped_bundles_are_there_sorted_by_title() -> None:
    catalog = read_catalog([])

    names = [named.name for named in catalog.bundles]
    assert names == ["executors", "many-small-files", "local-all-cores", "local-small"]
    assert catalog.default.name == "local-all-cores"
    assert catalog.problems == ()


def test_bad_file_never_hides_the_good_ones(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("title: Good\n")
    (tmp_path / "bad.yaml").write_text("title: [\n")
    (tmp_path / "worse.yml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "swan.json").write_text('{"bundled_options": {"NXCALS": {}}}')
    (tmp_path / "notes.txt").write_text("not a bundle")

    catalog = read_catalog([tmp_path])

    assert {"good", "NXCALS"} <= {named.name for named in catalog.bundles}
    assert {p.place.split(",")[0] for p in catalog.problems} == {
        "bad.yaml",
        "worse.yml",
    }


def test_second_bundle_with_a_name_is_reported_and_does_not_replace(
    tmp_path: Path,
) -> None:
    (tmp_path / "local-small.yaml").write_text("title: Mine\n")

    catalog = read_catalog([tmp_path])

    (problem,) = catalog.problems
    assert "local-small" in problem.reason
    assert problem.place == str(tmp_path / "local-small.yaml")
    assert "Mine" not in {named.bundle.title for named in catalog.bundles}


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    catalog = read_catalog([tmp_path / "gone"])

    assert [p.place for p in catalog.problems] == [str(tmp_path / "gone")]
    assert len(catalog.bundles) == 4


def test_large_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text("title: L\n#" + "x" * 300_000)

    assert "256 KB" in read_catalog([tmp_path]).problems[0].reason


def test_file_put_there_later_is_seen(tmp_path: Path) -> None:
    cache = CatalogCache()
    before = cache.read([tmp_path])

    assert cache.read([tmp_path]) is before
    (tmp_path / "new.yaml").write_text("title: New\n")
    assert "new" in {named.name for named in cache.read([tmp_path]).bundles}
    (tmp_path / "new.yaml").write_text("title: Newer\n")
    assert "Newer" in {named.bundle.title for named in cache.read([tmp_path]).bundles}


def test_unknown_names_are_all_reported_with_near_matches() -> None:
    with pytest.raises(RefusedError) as caught:
        read_catalog([]).choose(["locl-small", "local-small", "x"])

    first, second = caught.value.problems
    assert "There is no bundle 'locl-small'." in first.reason
    assert "Did you mean 'local-small'" in first.remedy
    names = "executors, local-all-cores, local-small, many-small-files"
    assert f"There are: {names}." in second.remedy


def test_broken_bundle_asked_for_by_name_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "weak.yaml").write_text("titel: T\n")

    with pytest.raises(RefusedError) as caught:
        read_catalog([tmp_path]).choose(["weak"])

    (problem,) = caught.value.problems
    assert problem.place.startswith("weak.yaml")
    assert "The key is missing." in problem.remedy


def test_name_given_twice_counts_once() -> None:
    chosen = read_catalog([]).choose(["local-small", "local-small"])

    assert [named.name for named in chosen] == ["local-small"]


def test_bundle_that_changed_under_a_session_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "tuned.yaml"
    path.write_text("title: T\noptions:\n  spark.a: 1\n")
    used = read_catalog([tmp_path]).choose(["local-small", "tuned"])

    path.write_text("title: New title\n\noptions: {spark.a: 1}\n")
    assert read_catalog([tmp_path]).changes_since(used) == ()

    path.write_text("title: T\noptions:\n  spark.a: 2\n")
    (changed,) = read_catalog([tmp_path]).changes_since(used)
    assert changed.reason == "The bundle 'tuned' changed since this session began."

    path.unlink()
    (gone,) = read_catalog([tmp_path]).changes_since(used)
    assert (gone.place, "cannot be read" in gone.reason) == ("tuned.yaml", True)


def test_no_file_is_skipped_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "UPPER.YAML").write_text("title: Upper\n")
    (tmp_path / "Swan.JSON").write_text('{"bundled_options": {"NXCALS": {}}}')
    (tmp_path / "spark.toml").write_text("title = 'T'\n")
    (tmp_path / "README.md").write_text("About these bundles.\n")

    catalog = read_catalog([tmp_path])

    assert {"UPPER", "NXCALS"} <= {named.name for named in catalog.bundles}
    (problem,) = catalog.problems
    assert problem.place == "spark.toml"
    assert ".yaml" in problem.reason
