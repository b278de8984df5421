import zipfile
from pathlib import Path, PurePosixPath

import pytest

from spark_connector.class_shadow import flaw_of
from spark_connector.environment import read_environment
from spark_connector.errors import RefusedError
from spark_connector.resolve import resolve
from tests.support.connector import bundle, environment, place

OWN = "org/apache/spark/cygnet/EffectiveSettings.class"
SPARKS = "org/apache/spark/SecurityManager.class"
ADDED = "org/apache/spark/sql/delta/DeltaLog.class"


def jar(path: Path, *names: str, manifest: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
        if manifest:
            archive.writestr("META-INF/MANIFEST.MF", manifest)
    return path


@pytest.fixture
def spark_jars(tmp_path: Path) -> Path:
    folder = tmp_path / "jars"
    folder.mkdir()
    jar(folder / "spark-core.jar", SPARKS, "META-INF/versions/9/module-info.class")
    return folder


@pytest.fixture
def own_jar(tmp_path: Path) -> Path:
    return jar(tmp_path / "cygnet-listener.jar", OWN)


def test_jar_that_adds_classes_passes(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    entry = jar(tmp_path / "delta.jar", ADDED, "META-INF/versions/9/module-info.class")

    assert flaw_of(str(entry), spark_jars, own_jar) == ""
    for kept in (own_jar, spark_jars / "*", spark_jars / "spark-core.jar", "/gone.jar"):
        assert flaw_of(str(kept), spark_jars, own_jar) == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (OWN, "org.apache.spark.cygnet.EffectiveSettings of Cygnet's own package"),
        ("org/apache/spark/cygnet/New.class", "of Cygnet's own package"),
        (SPARKS, "org.apache.spark.SecurityManager, which Spark has already"),
        (f"META-INF/versions/21/{SPARKS}", "which Spark has already"),
    ],
)
def test_jar_that_replaces_a_class_is_refused(
    tmp_path: Path, spark_jars: Path, own_jar: Path, name: str, says: str
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    entry = jar(folder / "theirs.jar", ADDED, name)

    assert says in flaw_of(str(entry), spark_jars, own_jar)
    assert says in flaw_of(f"{folder}/*", spark_jars, own_jar)


def test_jar_that_names_another_in_its_manifest_is_followed(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    jar(tmp_path / "hidden.jar", OWN)
    manifest = "Manifest-Version: 1.0\r\nClass-Path: gone.jar hid\r\n den.jar\r\n"

    entry = jar(tmp_path / "front.jar", manifest=manifest)

    assert "hidden.jar" in flaw_of(str(entry), spark_jars, own_jar)


@pytest.mark.parametrize(
    ("name", "class_path"),
    [
        ("hid den.jar", "hid%20den.jar"),
        ("hidden.jar", "hid\r den.jar"),
        ("hid\x85den.jar", "hid\x85den.jar"),
        ("hid\xa0den.jar", "hid\xa0den.jar"),
    ],
)
def test_manifest_is_read_as_java_reads_it(
    tmp_path: Path, spark_jars: Path, own_jar: Path, name: str, class_path: str
) -> None:
    jar(tmp_path / name, OWN)
    manifest = f"Manifest-Version: 1.0\nClass-Path: {class_path}\n"
    entry = jar(tmp_path / "front.jar")
    with zipfile.ZipFile(entry, "w") as archive:
        archive.writestr("meta-inf/Manifest.mf", manifest)

    assert "of Cygnet's own package" in flaw_of(str(entry), spark_jars, own_jar)


def test_jar_that_names_another_in_its_index_is_followed(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    jar(tmp_path / "hidden.jar", OWN)
    entry = jar(tmp_path / "front.jar")
    with zipfile.ZipFile(entry, "w") as archive:
        index = "JarIndex-Version: 1.0\n\nhidden.jar\norg/apache/spark/cygnet\n"
        archive.writestr("META-INF/INDEX.LIST", index)

    assert "of Cygnet's own package" in flaw_of(str(entry), spark_jars, own_jar)


def test_star_is_what_java_takes_it_for(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    jar(tmp_path / ".jar", OWN)
    folder = tmp_path / "named" / "*" / PurePosixPath(OWN).parent
    folder.mkdir(parents=True)
    (folder / "New.class").touch()

    for entry in (f"{tmp_path}/*", f"{tmp_path}/named/*", f"{tmp_path}/named/*/"):
        assert "own package" in flaw_of(entry, spark_jars, own_jar)


def test_entry_that_nobody_may_read_is_refused(
    tmp_path: Path, spark_jars: Path, own_jar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_place: object) -> None:
        raise PermissionError

    monkeypatch.setattr("spark_connector.class_shadow.os.scandir", refuse)

    assert "cannot be read" in flaw_of(str(tmp_path), spark_jars, own_jar)


def test_folder_that_replaces_a_class_is_refused(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    real = tmp_path / "real" / "spark"
    real.mkdir(parents=True)
    folder = tmp_path / "folder"
    (folder / "org" / "example").mkdir(parents=True)
    (folder / "org" / "apache").symlink_to(real.parent)
    assert flaw_of(str(folder), spark_jars, own_jar) == ""

    (real / "SecurityManager.class").touch()

    assert "SecurityManager" in flaw_of(str(folder), spark_jars, own_jar)


def test_file_that_is_no_jar_is_refused(
    tmp_path: Path, spark_jars: Path, own_jar: Path
) -> None:
    (tmp_path / "odd.jar").write_text("not a jar")

    assert "cannot be read" in flaw_of(str(tmp_path / "odd.jar"), spark_jars, own_jar)


@pytest.mark.parametrize("who", ["driver", "executor"])
def test_bundle_with_a_forged_class_is_refused(tmp_path: Path, who: str) -> None:
    key = f"spark.{who}.extraClassPath"
    forged = jar(tmp_path / "forged.jar", OWN)
    around = environment(flaw_of=read_environment().flaw_of)

    with pytest.raises(RefusedError) as caught:
        resolve([bundle("b", **{key: f"/fine:{forged}"})], place(), {}, around)

    (problem,) = caught.value.problems
    assert (problem.place, problem.key) == ("b.yaml, line 3", key)
    assert "spark.jars" in problem.remedy


def test_bundle_with_code_is_named() -> None:
    kafka = bundle("kafka", **{"spark.jars": "a.jar", "spark.a": "1"})

    result = resolve([kafka], place(), {}, environment())

    (notice,) = result.notices
    assert notice.startswith("The bundle 'kafka' brings code (spark.jars), ")
