"""How missing packages are installed, with an `apt-get` that only notes its call."""

from pathlib import Path

import pytest

from scripts import get_packages

APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND $@" >> {folder}/calls
ls {folder}/policy >> {folder}/policies
case "$*" in *"$FAILING"*) exit 100;; esac
"""


@pytest.fixture(autouse=True)
def _apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `apt-get` first in the path of somebody who is root."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/apt-get").write_text(APT.format(folder=tmp_path))
    (tmp_path / "bin/apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("FAILING", "nothing fails")
    monkeypatch.setattr(get_packages, "POLICY", tmp_path / "policy")
    monkeypatch.setattr("os.geteuid", lambda: 0)


def test_packages_come_unasked_from_fresh_lists(tmp_path: Path) -> None:
    said = get_packages.remedy(["buildah", "runc"])

    assert said == ""
    update, install = (tmp_path / "calls").read_text().splitlines()
    assert update.endswith(" update")
    assert install.endswith(" install buildah runc")
    for call in (update, install):
        assert call.startswith("noninteractive --quiet --yes --no-remove ")


def test_no_service_is_started_meanwhile(tmp_path: Path) -> None:
    get_packages.remedy(["postgresql"])

    assert (tmp_path / "policies").read_text().count("policy\n") == 2
    assert not (tmp_path / "policy").exists()


@pytest.mark.parametrize("failing", ["update", "install"])
def test_failure_is_reported(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILING", failing)

    said = get_packages.remedy(["buildah"])

    assert f"`apt-get {failing}" in said
    assert "buildah" in said
    assert not get_packages.POLICY.exists()


def test_cluster_packages_come_unasked_in_ci_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_packages, "missing_packages", lambda: ["buildah"])
    monkeypatch.setattr(get_packages, "CHROMIUM", ("sh",))
    monkeypatch.setattr(get_packages, "CLIENTS", ("no-such-client", "sh"))

    monkeypatch.setenv("CI", "")
    assert get_packages.missing() == []
    monkeypatch.setenv("CI", "true")
    assert get_packages.missing() == ["no-such-client", "buildah"]
