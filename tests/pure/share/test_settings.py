import json
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share.settings import OperatorSettings, from_environment
from pydantic import ValidationError


def given(monkeypatch: pytest.MonkeyPatch, path: Path, text: str | None) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:8082")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/services/share/")
    monkeypatch.setenv("CYGNET_SHARE_DIR", str(path))
    monkeypatch.delenv("CYGNET_SHARE_SETTINGS", raising=False)
    if text is not None:
        (path / "settings.json").write_text(text)
        monkeypatch.setenv("CYGNET_SHARE_SETTINGS", str(path / "settings.json"))


def test_operator_s_file_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = {"several": False, "quota": 10**7, "keepAllDays": 3, "listNames": False}
    given(monkeypatch, tmp_path, json.dumps(chosen))

    found = from_environment().operator

    assert (found.several, found.list_names, found.everyone) == (False, False, True)
    assert found.quota == 10**7
    assert found.retention.all == timedelta(days=3)
    assert found.retention.daily == timedelta(days=90)


def test_without_a_file_the_defaults_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, tmp_path, None)

    assert from_environment().operator == OperatorSettings()


def test_value_that_the_service_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, tmp_path, '{"quotas": 1}')

    with pytest.raises(ValidationError, match="quotas"):
        from_environment()
