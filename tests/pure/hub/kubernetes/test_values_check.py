"""Values that stop everybody are refused, with place, reason and remedy."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cygnet_hub import cli
from cygnet_hub.errors import Problem
from cygnet_hub.kubernetes import values_check, values_file
from cygnet_hub.kubernetes.values_check import Report

from tests.support import manual
from tests.support.source import ROOT

DATA = ROOT / "tests/data/chart"
MISTAKES: list[dict[str, Any]] = yaml.safe_load((DATA / "mistakes.yaml").read_text())
PROVIDER: dict[str, Any] = {
    "config": {
        "oidc": {
            "issuer": "https://login.example.org",
            "clientId": "cygnet",
            "allowedGroups": ["staff"],
        }
    },
    "ingress": {"enabled": True, "host": "a.example.org"},
    "secrets": {"oidcClientSecretFrom": {"name": "cygnet-oidc", "key": "secret"}},
}
DATABASE = "postgresql+psycopg2://hub:hidden@rows/hub"
KEYS = {
    "cookie-secret": "ab" * 32,
    "crypt-key": "cd" * 32,
    "proxy-token": "p",
    "api-token": "a",
    "share-token": "s",
}


def checked(
    folder: Path,
    *texts: str,
    secrets: Path | None = None,
    is_upgrade: bool = False,
) -> Report:
    """Check values files with these texts."""
    files = [folder / f"{number}.yaml" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    written = values_file.read(files)
    return values_check.examine(written, secrets, is_upgrade=is_upgrade)


def about(problems: Sequence[Problem], place: str | None) -> list[Problem]:
    """Give the problems of a value and of what is in it."""
    return [it for it in problems if (it.key or "").startswith(place or "")]


@pytest.mark.parametrize("it", MISTAKES, ids=lambda it: str(it["mistake"]))
def test_mistake_is_refused_with_place_and_remedy(
    tmp_path: Path, it: dict[str, Any]
) -> None:
    base = PROVIDER if it.get("provider") else {}

    report = checked(tmp_path, json.dumps(base), it["values"])

    found = [
        one for one in about(report.problems, it["place"]) if it["says"] in str(one)
    ]
    assert found, report.problems
    assert all(one.reason and one.remedy for one in report.problems)
    if "line" in it:
        assert found[0].file == f"{tmp_path / '1.yaml'}, line {it['line']}"


@pytest.mark.parametrize("it", MISTAKES, ids=lambda it: str(it["mistake"]))
def test_mistake_is_the_only_problem(tmp_path: Path, it: dict[str, Any]) -> None:
    base = PROVIDER if it.get("provider") else {}

    report = checked(tmp_path, json.dumps(base), it["values"])

    assert len(report.problems) == len(about(report.problems, it["place"])) <= 2


def test_there_are_enough_mistakes() -> None:
    names = [it["mistake"] for it in MISTAKES]

    assert len(names) == len(set(names)) >= 52


@pytest.mark.parametrize(
    "values",
    [{}, PROVIDER, *manual.VALUES],
    ids=lambda it: ",".join(it) or "nothing",
)
def test_good_values_have_no_problem(tmp_path: Path, values: dict[str, Any]) -> None:
    assert checked(tmp_path, json.dumps(values)) == Report((), ())


@pytest.mark.parametrize(
    "file", [ROOT / "helm/cygnet/values.yaml", DATA / "everything.yaml"], ids=str
)
def test_values_of_the_chart_have_no_problem(file: Path) -> None:
    report = values_check.examine(values_file.read([file]))

    assert [str(it) for it in report.problems] == []


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    singles = [it for it in MISTAKES if "line" not in it and it["place"]]
    chosen = {it["place"].split(".")[-1]: it for it in singles}
    texts = [chosen[it]["values"] for it in ("extraCa", "volumes", "registry", "hub")]

    report = checked(tmp_path, "namedServers: x", *texts)

    keys = ["config.quota.volumes", "extraCa", "image.hub", "image.registry"]
    assert sorted(str(it.key) for it in report.problems) == [*keys, "namedServers"]
    assert [Path(it.file).name for it in report.problems] == [
        f"{number}.yaml, line 1" for number in range(5)
    ]


def test_numbers_are_taken_for_amounts(tmp_path: Path) -> None:
    size = "{name: a, label: A, cpu: 2, memory: 4294967296, cpuRequest: 0.5}"

    report = checked(tmp_path, f"config: {{quota: {{cpu: 16}}, sizes: [{size}]}}")

    assert report == Report((), ())


def test_upgrade_lets_all_users_in_and_warns(tmp_path: Path) -> None:
    values = json.loads(json.dumps(PROVIDER))
    del values["config"]["oidc"]["allowedGroups"]
    text = json.dumps(values)

    installed = checked(tmp_path, text)
    upgraded = checked(tmp_path, text, is_upgrade=True)
    values["config"]["oidc"]["allowEverybody"] = True
    meant = checked(tmp_path, json.dumps(values))

    assert [it.key for it in installed.problems] == ["config.oidc.allowedGroups"]
    assert upgraded.problems == ()
    assert [it.key for it in upgraded.warnings] == ["config.oidc.allowedGroups"]
    assert "config.oidc.allowEverybody" in str(upgraded.warnings[0])
    assert meant == Report((), ())


def named(tmp_path: Path) -> tuple[dict[str, Any], Path]:
    """Give values that name every Secret, and where all of these are mounted."""
    values = PROVIDER | {
        "secrets": {
            **PROVIDER["secrets"],
            "existing": "keys",
            "databaseUrlFrom": {"name": "rows", "key": "url"},
            "shareDatabaseUrlFrom": {"name": "rows", "key": "shares"},
        },
        "networkPolicy": {"shareEgress": [{"ports": [{"port": 5432}]}]},
        "sharing": {"objectStore": "s3://bucket", "objectStoreSecret": "store"},
        "image": {"pullSecrets": ["registry-key"]},
    }
    contents = {f"existing/{name}": text for name, text in KEYS.items()} | {
        "given/oidc-client-secret": "word\n",
        "given/database-url": f"{DATABASE}\n",
        "given/share-database-url": f"{DATABASE}-shares\n",
        "store/AWS_ACCESS_KEY_ID": "hidden",
        "pull/registry-key/.dockerconfigjson": "{}",
    }
    for name, text in contents.items():
        file = tmp_path / "secrets" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return values, tmp_path / "secrets"


def test_secrets_that_are_there_are_no_problem(tmp_path: Path) -> None:
    values, secrets = named(tmp_path)

    assert checked(tmp_path, json.dumps(values), secrets=secrets) == Report((), ())


@pytest.mark.parametrize(
    ("file", "text", "place", "says"),
    [
        ("given/oidc-client-secret", None, "secrets.oidcClientSecretFrom", "--from-"),
        ("given/oidc-client-secret", " \n", "secrets.oidcClientSecretFrom", "is empty"),
        ("given/database-url", None, "secrets.databaseUrlFrom", "no Secret rows"),
        ("given/database-url", "mysql://a:hidden@b/c", "secrets.databaseUrlFrom", "my"),
        (
            "given/database-url",
            "hidden@b:x/c",
            "secrets.databaseUrlFrom",
            "not the address",
        ),
        ("given/database-url", "postgresql://a:hidden@b:x:9/c", "secrets", "address"),
        ("existing/cookie-secret", "hidden", "secrets.existing", "hexadecimal"),
        ("existing/crypt-key", "hidden", "secrets.existing", "32 bytes"),
        ("existing/crypt-key", f"{'ab' * 32};hidden", "secrets.existing", "32 bytes"),
        ("existing/api-token", None, "secrets.existing", "lacks keys: api-token"),
        ("existing/share-token", None, "secrets.existing", "lacks keys: share-token"),
        ("given/share-database-url", None, "secrets.shareDatabaseUrlFrom", "no Secret"),
        ("given/share-database-url", "mysql://a:hidden@b/c", "secrets.share", "mysql"),
        ("store/AWS_ACCESS_KEY_ID", None, "sharing.objectStoreSecret", "no Secret"),
        ("pull/registry-key/.dockerconfigjson", None, "image.pullSecrets[0]", "docker"),
    ],
)
def test_secret_that_locks_out_all_users_is_reported_without_its_content(
    tmp_path: Path, file: str, text: str | None, place: str, says: str
) -> None:
    values, secrets = named(tmp_path)
    (secrets / file).unlink()
    if text is not None:
        (secrets / file).write_text(text)

    (problem,) = checked(tmp_path, json.dumps(values), secrets=secrets).problems

    assert str(problem.key).startswith(place)
    assert says in str(problem)
    assert "hidden" not in str(problem)


def test_missing_secrets_are_reported_together(tmp_path: Path) -> None:
    values, _ = named(tmp_path)

    problems = checked(tmp_path, json.dumps(values), secrets=tmp_path / "no").problems

    assert len(problems) == 6
    assert "all of them" in str(problems)


def test_nothing_is_needed_for_sharing_where_it_is_off(tmp_path: Path) -> None:
    values, secrets = named(tmp_path)
    for file in ("existing/share-token", "store/AWS_ACCESS_KEY_ID"):
        (secrets / file).unlink()
    values["sharing"]["enabled"] = False
    del values["networkPolicy"]

    assert checked(tmp_path, json.dumps(values), secrets=secrets) == Report((), ())


def test_private_key_is_no_authority(tmp_path: Path) -> None:
    everything = yaml.safe_load((DATA / "everything.yaml").read_text())
    text = everything["extraCa"] + "-----BEGIN PRIVATE KEY-----\nAA==\n"

    (problem,) = checked(tmp_path, json.dumps({"extraCa": text})).problems

    assert "every user can read" in problem.reason


def test_command_says_all_and_ends_with_its_code(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("config: {namedServers: 1}")
    bad.write_text("config: {network: {allowed: [10.0.0.300/8]}}\nextraCa: /ca.pem\n")
    run = CliRunner().invoke

    taken = run(cli.check, [str(good)], standalone_mode=False)
    refused = run(cli.check, [str(good), str(bad)], standalone_mode=False)
    absent = run(cli.check, [str(tmp_path / "no.yaml")], standalone_mode=False)

    assert (taken.return_value, refused.return_value, absent.return_value) == (0, 1, 1)
    assert re.findall(r"line (\d), (\S+):", refused.output) == [
        ("1", "config.network.allowed[0]"),
        ("2", "extraCa"),
    ]
    assert "2 problems" in refused.output
    assert "cannot be read" in absent.output


@pytest.mark.parametrize("text", ["", "null", "1", "config:", "config: 1", "{}: 1"])
def test_odd_file_has_no_traceback(tmp_path: Path, text: str) -> None:
    checked(tmp_path, text)
