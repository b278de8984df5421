"""What the chart renders of the sharing service, and nothing where it is off."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cygnet_share.settings import OperatorSettings

from tests.cluster.test_chart import EVERYTHING, KUBERNETES, rendered
from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.values import merged

NOTHING: dict[str, Any] = {}
OPEN: dict[str, Any] = {"networkPolicy": {"shareEgress": [{}]}}
OFF = {"sharing": {"enabled": False}}
PROVIDER = {"config": {"oidc": EVERYTHING["config"]["oidc"]}}
Objects = dict[tuple[str, str], dict[str, Any]]


def by_name(programs: Cluster, values: dict[str, Any]) -> Objects:
    """Give all objects by kind and name."""
    found = rendered(programs, values)
    return {(it["kind"], it["metadata"]["name"]): it for it in found}


def pod(objects: Objects) -> dict[str, Any]:
    """Give the pod's parts."""
    deployment = objects["Deployment", "try-share"]
    found: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return found


def environment(objects: Objects) -> dict[str, Any]:
    """Give the variables, and where those come from that are not written."""
    listed = pod(objects)["containers"][0]["env"]
    return {it["name"]: it.get("value") or it["valueFrom"] for it in listed}


def test_nothing_is_rendered_where_it_is_off(programs: Cluster) -> None:
    for values in (NOTHING, EVERYTHING):
        objects = by_name(programs, merged(values, OFF))
        text = json.dumps(
            [
                it
                for it in objects.values()
                # The check reads all values, in a Secret of its own.
                if not it["metadata"]["name"].endswith("-check")
            ]
        )

        assert "try-share" not in text
        assert "services/share" not in text
        assert "8082" not in text
        assert "share-token" not in text


def test_service_gets_what_the_values_let_people_do(programs: Cluster) -> None:
    found = {}
    for name, values in (("plain", NOTHING), ("everything", EVERYTHING)):
        data = by_name(programs, values)["ConfigMap", "try-share"]["data"]
        written = json.loads(data["share.json"])
        assert written.keys() == OperatorSettings().model_dump(by_alias=True).keys()
        found[name] = OperatorSettings.model_validate(written, strict=True)

    # Without a provider there is one user.
    assert found["plain"] == OperatorSettings(several=False)
    assert found["everything"] == OperatorSettings(
        everyone=False,
        list_names=False,
        quota=5 * 10**9,
        keep_deleted_days=10,
        keep_all_days=2,
        keep_hourly_days=14,
        keep_daily_days=365,
        audit_days=30,
        object_store="s3://bucket/shares",
    )


def test_pod_has_its_own_secrets_and_no_others(programs: Cluster) -> None:
    for values in (NOTHING, EVERYTHING):
        objects = by_name(programs, values)
        made = pod(objects)

        assert made["automountServiceAccountToken"] is False
        assert "serviceAccountName" not in made
        assert [it["name"] for it in made["volumes"] if "secret" in it] == []
        token = {"secretKeyRef": {"name": "try-hub", "key": "share-token"}}
        assert environment(objects)["JUPYTERHUB_API_TOKEN"] == token
        assert "word" not in json.dumps(made)
    url = {"secretKeyRef": {"name": "try-share-given", "key": "database-url"}}
    assert environment(objects)["CYGNET_SHARE_DATABASE_URL"] == url
    (given,) = made["containers"][0]["envFrom"]
    assert given == {"secretRef": {"name": "bucket-key"}}


def test_probes_ask_the_service_alone(programs: Cluster) -> None:
    (container,) = pod(by_name(programs, EVERYTHING))["containers"]

    paths = {
        it["httpGet"]["path"] for key, it in container.items() if key.endswith("Probe")
    }
    assert paths == {"/science/services/share/health"}


@pytest.mark.parametrize(
    ("values", "volume"),
    [
        ({}, "try-share"),
        ({"sharing": {"storage": {"existingClaim": "mine"}}}, "mine"),
        (EVERYTHING, ""),
    ],
    ids=["own", "given", "elsewhere"],
)
def test_volume_is_kept_and_made_only_where_it_is_needed(
    programs: Cluster, values: dict[str, Any], volume: str
) -> None:
    objects = by_name(programs, values)
    claim = objects.get(("PersistentVolumeClaim", "try-share"))
    (data,) = (it for it in pod(objects)["volumes"] if it["name"] == "data")

    assert data.get("persistentVolumeClaim", {}).get("claimName", "") == volume
    assert (claim is not None) is (volume == "try-share")
    if claim:
        kept = claim["metadata"]["annotations"]
        assert kept == {"helm.sh/resource-policy": "keep"}


def test_service_calls_hub_and_names_alone(programs: Cluster) -> None:
    plain, elsewhere = (
        by_name(programs, it)["NetworkPolicy", "try-share"]["spec"]
        for it in (OPEN, EVERYTHING)
    )

    # What leads to a database is open only where there is one.
    hub, names = plain["egress"]
    assert elsewhere["egress"][:2] == [hub, names]
    assert elsewhere["egress"][2:] == EVERYTHING["networkPolicy"]["shareEgress"]
    assert [it["port"] for it in hub["ports"]] == [8081]
    assert "kube-system" in str(names["to"])
    assert all("to" in it for it in plain["egress"])
    (rule,) = plain["ingress"]
    labels = [it["podSelector"]["matchLabels"] for it in rule["from"]]
    component = "app.kubernetes.io/component"
    assert [it[component] for it in labels] == ["proxy", "server"]


def test_address_of_a_host_of_its_own_is_what_the_hub_expects(
    programs: Cluster,
) -> None:
    apart, shared = (
        environment(by_name(programs, merged(EVERYTHING, {"acceptOneOrigin": it})))
        for it in (False, True)
    )

    host = "https://u-share--1099a61a017c27a5baac338c7ab76d31.notebooks.example.org"
    path = "/science/services/share/"
    assert apart["JUPYTERHUB_OAUTH_CALLBACK_URL"] == f"{host}{path}oauth_callback"
    assert apart["JUPYTERHUB_HOST"] == "https://notebooks.example.org"
    assert apart["JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED"] == "1"
    assert shared["JUPYTERHUB_PUBLIC_URL"] == f"https://notebooks.example.org{path}"
    assert "JUPYTERHUB_HOST" not in shared
    for it in (apart, shared):
        assert it["JUPYTERHUB_API_URL"] == "http://try-hub:8081/science/hub/api"
        assert it["JUPYTERHUB_SERVICE_PREFIX"] == path


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"sharing": {"objectStore": "s3://bucket"}},
            "networkPolicy.shareEgress: is needed with the sharing service's object",
        ),
        (
            {"secrets": {"shareDatabaseUrlFrom": {"name": "rows"}}},
            "secrets.shareDatabaseUrlFrom.key: is needed",
        ),
        (
            {
                "secrets": {
                    "databaseUrl": "postgresql://u:p@rows/hub",
                    "shareDatabaseUrl": "postgresql://u:p@rows/hub",
                }
            },
            "secrets.shareDatabaseUrl: is the hub's database",
        ),
    ],
    ids=["bucket", "key", "hub's"],
)
def test_chart_refuses_in_words(
    programs: Cluster, values: dict[str, Any], words: str
) -> None:
    for program in (programs.helm, programs.helm3):
        result = helm.run(
            *(programs, "template", "try", str(helm.CHART), KUBERNETES),
            values=values,
            program=program,
        )

        assert result.returncode != 0
        assert words in result.stderr
        assert "u:p@" not in result.stderr


@pytest.mark.parametrize("keys", ["generated", "existing"])
def test_checksum_of_a_given_secret_is_no_way_to_guess_it(
    programs: Cluster, keys: str
) -> None:
    url = "postgresql+psycopg2://share:secret@database/share"
    existing = {"existing": "keys"} if keys == "existing" else {}
    found = []
    for days, given in ((1, url), (2, url), (2, f"{url}2")):
        secrets = {"shareDatabaseUrl": given, "databaseUrl": f"{given}/hub"}
        other = {"sharing": {"auditDays": days}}
        values = merged(OPEN, {"secrets": secrets | existing}, other)
        objects = by_name(programs, values)
        annotations = [
            objects["Deployment", it]["spec"]["template"]["metadata"]["annotations"]
            for it in ("try-share", "try-hub")
        ]
        found.append([it["checksum/given"] for it in annotations])
        encoded = base64.b64encode(f"{given}/hub".encode()).decode()
        for text in (given, f"\ndatabase-url: {encoded}", f"database-url: {encoded}"):
            for guess in (text, f" {text}"):
                assert hashlib.sha256(guess.encode()).hexdigest() not in found[-1]

    # A rendering without a cluster draws other keys.
    assert (found[0] == found[1]) is (keys == "existing")
    for before, after in zip(found[0], found[2], strict=True):
        assert before != after
