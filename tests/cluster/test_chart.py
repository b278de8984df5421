"""What the chart renders: with Helm 3 and 4, and by Kubernetes' schemas."""

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cygnet_hub.pages.user_host import name_host
from jsonschema import Draft202012Validator

from scripts.release import chart
from tests.support import helm, manual, route_schema
from tests.support.cluster import Cluster
from tests.support.source import ROOT
from tests.support.values import merged

EVERYTHING = yaml.safe_load((ROOT / "tests/data/chart/everything.yaml").read_text())
VERSIONS = ("1.30", "1.36")
# A Helm that was built from its module believes in an old one.
KUBERNETES = "--kube-version=1.36.0"
HTTP_ROUTE = "HTTPRoute"
PREEMPT = "PreemptLowerPriority"
VALUES = {"nothing": {}, "everything": EVERYTHING}


def rendered(
    programs: Cluster, values: dict[str, Any], program: str = ""
) -> list[dict[str, Any]]:
    """Give all objects, hooks included."""
    text = template(programs, json.dumps(values), program or programs.helm3)
    return [it for it in yaml.safe_load_all(text) if it]


@cache
def template(programs: Cluster, values: str, program: str) -> str:
    """Give what a Helm renders, once for all who ask for the same."""
    result = helm.run(
        programs,
        "template",
        "try",
        str(helm.CHART),
        "--namespace=place",
        KUBERNETES,
        values=json.loads(values),
        program=program,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def pod_specs(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what pods will be made of."""
    kinds = {"Deployment", "Job"}
    deployed = [it["spec"]["template"] for it in objects if it["kind"] in kinds]
    return [
        it["spec"] for it in [*deployed, *(x for x in objects if x["kind"] == "Pod")]
    ]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("version", ["helm", "helm3"])
def test_chart_passes_lint(
    programs: Cluster, version: str, values: dict[str, Any]
) -> None:
    program = getattr(programs, version)

    result = helm.run(
        programs, "lint", "--strict", str(helm.CHART), values=values, program=program
    )

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_the_schema_of_kubernetes(
    programs: Cluster, version: str, values: dict[str, Any]
) -> None:
    objects = [it for it in rendered(programs, values) if it["kind"] != HTTP_ROUTE]

    assert len(objects) > 30
    for one in objects:
        with warnings.catch_warnings():
            # It opens its schemas and leaves closing them to Python.
            warnings.simplefilter("ignore", ResourceWarning)
            kubernetes_validate.validate(one, version, strict=True)


def test_route_fits_the_schema_of_the_gateway_api(programs: Cluster) -> None:
    if programs.is_external:
        pytest.skip("The schema comes with the tools that the tests build.")
    routes = {
        it["metadata"]["name"]: it
        for it in rendered(programs, EVERYTHING)
        if it["kind"] == HTTP_ROUTE
    }
    route = routes.pop("try-proxy")
    schema = Draft202012Validator(route_schema.load())

    assert len(routes) == 2
    assert all(map(schema.is_valid, routes.values()))
    assert schema.is_valid(route)
    for place in (route, route["spec"], route["spec"]["rules"][0]["backendRefs"][0]):
        place["prots"] = []
        assert not schema.is_valid(route)
        del place["prots"]
    assert schema.is_valid(route)


@pytest.mark.parametrize("version", ["helm", "helm3"])
@pytest.mark.parametrize("values", manual.VALUES)
def test_manual_can_be_followed(
    programs: Cluster, version: str, values: dict[str, Any]
) -> None:
    objects = rendered(programs, values, getattr(programs, version))

    (ingress,) = (it for it in objects if it["kind"] == "Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "notebooks.example.org"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("one", manual.OBJECTS, ids=lambda it: str(it["kind"]))
def test_object_of_the_manual_fits_the_schema_of_kubernetes(
    version: str, one: dict[str, Any]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        kubernetes_validate.validate(one, version, strict=True)


def test_schema_check_finds_a_wrong_key() -> None:
    wrong = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {},
        "spec": {"prots": []},
    }

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_helm_3_and_4_render_the_same_kinds(programs: Cluster) -> None:
    kinds = []
    for program in (programs.helm, programs.helm3):
        result = helm.run(
            programs,
            "template",
            "try",
            str(helm.CHART),
            KUBERNETES,
            values={},
            program=program,
        )
        found = [it for it in yaml.safe_load_all(result.stdout) if it]
        kinds.append(sorted((it["kind"], it["metadata"]["name"]) for it in found))

    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_every_pod_is_restricted(programs: Cluster, values: dict[str, Any]) -> None:
    specs = pod_specs(rendered(programs, values))

    assert len(specs) == 8
    for spec in specs:
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert security["readOnlyRootFilesystem"]
            assert not security["allowPrivilegeEscalation"]
            assert container["resources"]["requests"]


def test_everything_arrives_where_it_belongs(programs: Cluster) -> None:
    objects = {
        (it["kind"], it["metadata"]["name"]): it
        for it in rendered(programs, EVERYTHING)
    }
    hub = objects["Deployment", "try-hub"]["spec"]["template"]["spec"]
    settings = yaml.safe_load(objects["ConfigMap", "try-hub"]["data"]["settings.json"])
    images = str(objects["ValidatingAdmissionPolicy", "place.try-images"])
    executors = str(objects["ValidatingAdmissionPolicy", "place.try-executors"])

    assert objects["Deployment", "try-hub"]["spec"]["strategy"] == {"type": "Recreate"}
    assert hub["nodeSelector"] == {"example.org/pool": "users"}
    assert hub["priorityClassName"] == "low"
    assert hub["imagePullSecrets"] == [{"name": "registry-key"}]
    assert ("PersistentVolumeClaim", "try-hub") not in objects
    assert settings["release"]["publicUrl"] == "https://notebooks.example.org/science/"
    assert settings["release"]["prefix"] == "/science/"
    assert settings["oidc"] == EVERYTHING["config"]["oidc"]
    assert objects["Ingress", "try-proxy"]["spec"]["tls"][0]["secretName"] == (
        "notebooks-certificate"
    )
    assert (
        objects[HTTP_ROUTE, "try-proxy"]["spec"]["parentRefs"]
        == (EVERYTHING["gateway"]["parentRefs"])
    )
    assert "registry.example.org/other:2" in images
    assert "registry.example.org/user:1" in images
    # Executors are where users' servers are.
    assert '"example.org/pool": dyn("users")' in executors
    assert '"key": dyn("example.org/users")' in executors
    assert "example.org/users" in executors


def test_persons_hosts_lead_to_servers_alone(programs: Cluster) -> None:
    shared = {**EVERYTHING, "acceptOneOrigin": True}
    found = {}
    for name, values in (("apart", EVERYTHING), ("shared", shared)):
        objects = rendered(programs, values)
        rules = [
            (it["host"], it["http"]["paths"][0]["path"])
            for one in objects
            if one["kind"] == "Ingress"
            for it in one["spec"]["rules"]
        ]
        routes = [
            (it["spec"]["hostnames"][0], it["spec"]["rules"][0]["matches"][0]["path"])
            for it in objects
            if it["kind"] == HTTP_ROUTE
        ]
        found[name] = (set(rules), {(host, path["value"]) for host, path in routes})
        assert ("--host-routing" in str(objects)) == (name == "apart")

    host = "notebooks.example.org"
    own, persons = (host, "/science/"), (f"*.{host}", "/science/user/")
    shares = (name_host("share", host, "service"), "/science/services/share/")
    assert found["apart"] == ({own, persons, shares}, {own, persons, shares})
    assert found["shared"] == ({own}, {own})


def test_persons_hosts_have_a_certificate(programs: Cluster) -> None:
    def tls(**more: object) -> list[tuple[str, list[str]]]:
        values = merged(EVERYTHING, {"ingress": more})
        (it,) = (one for one in rendered(programs, values) if one["kind"] == "Ingress")
        return [(one["secretName"], one["hosts"]) for one in it["spec"]["tls"]]

    host, first = "notebooks.example.org", "notebooks-certificate"
    assert tls(personTlsSecret="") == [(first, [host, f"*.{host}"])]
    assert tls(personTlsSecret="wild") == [(first, [host]), ("wild", [f"*.{host}"])]


def notes(programs: Cluster, values: dict[str, Any]) -> str:
    """Give what an operator reads after the installation."""
    result = helm.run(
        programs,
        *("install", "try", str(helm.CHART), "--namespace=place"),
        "--dry-run=client",
        values=values,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.partition("NOTES:")[2]


def test_notes_show_how_to_log_in_and_no_secret(programs: Cluster) -> None:
    told = notes(programs, {"secrets": {"oidcClientSecret": "quite-secret"}})

    assert "port-forward service/try-proxy 8000:80" in told
    assert "exec deploy/try-hub -- cygnet login-link" in told
    assert "kubectl get namespaces --selector cygnet.org/release=place.try" in told
    assert "quite-secret" not in told


def test_notes_list_what_to_register_at_the_provider(programs: Cluster) -> None:
    secrets = {"oidcClientSecret": "quite-secret", "oidcClientSecretFrom": {"name": ""}}
    told = notes(programs, merged(manual.SITE, {"secrets": secrets}))

    site = "https://notebooks.example.org"
    assert f"Users log in at {site} with https://login.example.org" in told
    assert f"redirect      {site}/hub/oauth_callback\n" in told
    assert f"after logout  {site}/hub/login\n" in told
    assert "login-link" not in told
    assert "quite-secret" not in told


@pytest.mark.parametrize(("policy", "told"), [("Never", "never"), (PREEMPT, "preempt")])
def test_hub_and_proxy_come_before_users_pods(
    programs: Cluster, policy: str, told: str
) -> None:
    values = {"priority": {"preemptionPolicy": policy}}
    objects = rendered(programs, values)
    (one,) = (it for it in objects if it["kind"] == "PriorityClass")
    deployed = [it for it in objects if it["kind"] == "Deployment"]
    named = {
        it["metadata"]["name"]: it["spec"]["template"]["spec"].get("priorityClassName")
        for it in deployed
    }

    # A class can't be changed, so another one has another name.
    assert one["metadata"]["name"].startswith(f"place.try-1000000-{told}")
    assert one["value"] == 1_000_000
    assert one["preemptionPolicy"] == policy
    classes = [named[f"try-{it}"] for it in ("hub", "proxy", "share")]
    assert classes == 3 * [one["metadata"]["name"]]


def test_release_can_do_without_a_priority_class_of_its_own(programs: Cluster) -> None:
    objects = rendered(programs, {"priority": {"create": False}})

    assert not [it for it in objects if it["kind"] == "PriorityClass"]
    assert "priorityClassName" not in str(pod_specs(objects))


def test_preflight_counts_processes_where_users_pods_run(programs: Cluster) -> None:
    values = {"config": {"placement": {"nodeSelector": {"example.org/pool": "users"}}}}
    (pod,) = (
        it
        for it in rendered(programs, values)
        if it["metadata"]["name"] == "try-preflight-processes"
    )

    assert pod["spec"]["nodeSelector"] == {"example.org/pool": "users"}
    assert not pod["spec"]["automountServiceAccountToken"]


def test_archives_of_one_commit_have_the_same_bytes(
    programs: Cluster, tmp_path: Path
) -> None:
    archives: list[Path] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        chart.pack(tmp_path / name, Path(programs.helm), epoch=1_700_000_000)
        archives += (tmp_path / name).iterdir()

    assert len({it.read_bytes() for it in archives}) == 1
    again = helm.run(programs, "template", "try", str(archives[0]), KUBERNETES)
    assert again.returncode == 0, again.stderr
