"""What the chart's values may be, and how a cluster is judged; no Helm is needed."""

import json
import re
import socket
import threading
from collections.abc import Iterator

import pytest
import yaml
from cygnet_hub.kubernetes import preflight, preflight_probe
from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.kubernetes.preflight import Right
from jsonschema import Draft202012Validator, ValidationError

from scripts import write_chart
from tests.support import manual
from tests.support.pod_request import site
from tests.support.source import ROOT

EVERYTHING = ROOT / "tests/data/chart/everything.yaml"
CHART = ROOT / "helm/cygnet"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
ROLE = CHART / "templates/hub/clusterrole.yaml"
READ_ONLY = {"get", "list", "watch", "bind"}


def leaves(part: object, place: str = "") -> Iterator[str]:
    """Name every value that a file gives, items of lists by their keys."""
    if isinstance(part, list) and all(isinstance(it, dict) for it in part):
        yield place
        for item in part:
            yield from leaves(item, f"{place}[]")
    elif isinstance(part, dict):
        yield place
        for key, value in part.items():
            yield from leaves(value, f"{place}.{key}".lstrip("."))
    else:
        yield place


def test_values_file_says_the_defaults() -> None:
    written = yaml.safe_load((CHART / "values.yaml").read_text())

    assert Values.model_validate(written) == Values()


def test_schema_takes_defaults_and_everything() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    for file in (CHART / "values.yaml", EVERYTHING):
        values = yaml.safe_load(file.read_text())
        Draft202012Validator(SCHEMA).validate(values)
        Values.model_validate(values)


def test_everything_names_every_value() -> None:
    named = set(leaves(yaml.safe_load(EVERYTHING.read_text())))
    left_out = {
        "config.oidc.allowInsecureIssuer": "tests only",
        "config.oidc.allowEverybody": "the other way",
        "config.oidc.authorizeParameters": "free",
        "config.oidc.tokenMethod": "the hub's",
        "config.oidc.graceSeconds": "the hub's",
        "secrets.existing": "replaces the generated one",
        "secrets.oidcClientSecret": "the other way",
        "secrets.databaseUrlFrom.name": "the other way",
        "secrets.databaseUrlFrom.key": "the other way",
        "secrets.shareDatabaseUrlFrom.name": "the other way",
        "secrets.shareDatabaseUrlFrom.key": "the other way",
        "sharing.storage.existingClaim": "there are database and bucket",
        "hub.storage.existingClaim": "there is a database",
        "ingress.tls": "stays on",
    }
    groups = ("config.sizes", "config.images", "config.clusters", "config.openings")

    missing = {
        it.path
        for it in write_chart.rows(Values)
        if it.path not in named and not it.path.startswith(groups)
    }
    assert missing == set(left_out)


@pytest.mark.parametrize(
    "values",
    [
        {"hubb": {}},
        {"config": {"namedServers": -1}},
        {"config": {"release": {"name": "mine"}}},
        {"proxy": {"service": {"type": "ExternalName"}}},
        {"config": {"images": []}},
        {"prefix": "no-slash"},
    ],
    ids=str,
)
def test_schema_refuses_what_is_wrong(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(values)


@pytest.mark.parametrize("values", manual.VALUES)
def test_values_of_the_manual_are_taken(values: dict[str, object]) -> None:
    Draft202012Validator(SCHEMA).validate(values)
    Values.model_validate(values)


def test_manual_has_a_file_with_a_provider() -> None:
    assert len(manual.VALUES) >= 5
    assert Values.model_validate(manual.SITE).config.oidc is not None


@pytest.mark.parametrize("pages", ["docs/administering", "docs/security"])
def test_values_that_pages_name_are_there(pages: str) -> None:
    paths = {it.path.replace("[]", "") for it in write_chart.rows(Values)}
    groups = {it[:at] for it in paths for at, sign in enumerate(it) if sign == "."}
    first = "|".join(it for it in groups if "." not in it)
    text = "".join(it.read_text() for it in (ROOT / pages).glob("*.md"))
    named = re.findall(rf"(?:`|--set )((?:{first})(?:\.\w+)+)", text)

    assert len(named) >= 5
    assert set(named) - paths - groups - {"hub.sqlite"} == set()


def test_policies_cover_every_write_of_the_hub() -> None:
    text = re.sub(r"\{\{.*?\}\}", "template", ROLE.read_text())
    rules = yaml.safe_load(text)["rules"]
    policy = (CHART / "templates/policies/hub.yaml").read_text()
    policy += (CHART / "templates/policies/namespaces.yaml").read_text()

    written = {
        kind
        for rule in rules
        if set(rule["verbs"]) - READ_ONLY
        for kind in rule["resources"]
    }

    assert {it for it in written if it not in policy} == set()


def test_preflight_needs_its_control() -> None:
    blind = preflight.network(open_port=False, closed_port=False, closed_way=False)
    lax = preflight.network(open_port=True, closed_port=True, closed_way=True)
    strict = preflight.network(open_port=True, closed_port=False, closed_way=False)

    assert [it.is_good for it in blind] == [False]
    assert [it.is_good for it in lax] == [True, False, False]
    assert [it.is_good for it in strict] == [True, True, True]


def test_preflight_shows_the_consequence_of_what_is_red() -> None:
    standard = {"annotations": {preflight.DEFAULT_CLASS: "true"}, "name": "standard"}
    items = (
        preflight.storage([standard], ""),
        preflight.storage([standard], "fast"),
        preflight.security("cygnet", {}),
        preflight.share_storage([standard], "fast"),
    )

    told = preflight.report(items).splitlines()

    assert [it.is_good for it in items] == [True, False, False, False]
    assert told[0] == "ok  storage class: standard"
    assert told[1].startswith("RED storage class: fast is not there")
    assert "No server starts" in told[2]
    assert "kubectl label namespace cygnet" in told[4]
    assert told[5].startswith("RED storage class of shares: fast is not there")
    assert "sharing.storage.storageClass" in told[6]


def test_preflight_knows_too_few_and_too_many_rights() -> None:
    good = dict.fromkeys(preflight.NEEDED, True)
    good |= dict.fromkeys(preflight.TOO_MUCH, False)

    assert all(it.is_good for it in preflight.rights(good))
    lacking = preflight.rights({**good, Right("create", "pods"): False})
    assert [it.is_good for it in lacking] == [False, True]
    beyond = preflight.rights({**good, Right("list", "secrets"): True})
    assert [it.is_good for it in beyond] == [True, False]


def test_preflight_distinguishes_a_policy_from_a_missing_right() -> None:
    by_policy = preflight.confinement(422, "ValidatingAdmissionPolicy 'a' denied")

    assert by_policy.is_good
    assert not preflight.confinement(403, "cannot create configmaps").is_good
    assert not preflight.confinement(201, "").is_good


def test_preflight_wants_a_limit_of_processes_that_spark_fits_in() -> None:
    none, low, good = map(preflight.processes, (None, 100, 4096))

    assert [it.is_good for it in (none, low, good)] == [False, False, True]
    assert "can use up the node's processes" in none.consequence
    assert "unable to create native thread" in low.consequence
    assert all("podPidsLimit: 4096" in it.consequence for it in (none, low))


@pytest.mark.parametrize(
    ("known", "mark", "words"),
    [
        ({"example.org": "1.2.3.4", "*.example.org": "1.2.3.4"}, "ok ", "is 1.2.3.4"),
        ({"example.org": "1.2.3.4"}, "see", "*.example.org does not resolve"),
        ({}, "see", "neither example.org nor *.example.org is known"),
        (
            {"example.org": "1.2.3.4", "*.example.org": "5.6.7.8"},
            "see",
            "*.example.org is 5.6.7.8, and example.org is 1.2.3.4",
        ),
    ],
)
def test_preflight_warns_of_host_names_that_lead_nowhere(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, str], mark: str, words: str
) -> None:
    def resolve(name: str, _port: None) -> list[tuple[object, ...]]:
        is_own = name == "example.org"
        assert is_own or re.fullmatch(r"preflight-\w+\.example\.org\.", name)
        key = name if is_own else "*.example.org"
        if key not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(0, 0, 0, "", (known[key], 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    published = {"public_url": "https://example.org/a", "host_per_person": True}
    release = site().release.model_copy(update=published)

    (item,) = preflight_probe.host_names(release)

    told = preflight.report([item])
    assert told.startswith(f"{mark} users' host names: ")
    assert words in told
    assert ("make a DNS record *.example.org" in told) is item.is_note
    assert item.is_good
    shared = release.model_copy(update={"host_per_person": False})
    assert preflight_probe.host_names(shared) == ()


def test_probe_counts_processes_up_to_a_bound() -> None:
    # A limit of the user's processes holds for its threads too, but not for root's.
    assert preflight_probe.startable(20) is None
    # Other threads of this process need more.
    assert threading.stack_size() == 0


def test_probe_stops_where_the_system_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    start, count = threading.Thread.start, threading.active_count()

    def refuse(self: threading.Thread) -> None:
        if threading.active_count() >= count + 7:
            message = "can't start new thread"
            raise RuntimeError(message)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert preflight_probe.startable(20) == count + 7
    assert threading.active_count() == count
