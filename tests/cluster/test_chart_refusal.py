"""What the chart does not install, and what it says then: reason and remedy."""

from base64 import b64decode
from typing import Any

import pytest
import yaml
from cygnet_hub.kubernetes import values_check
from cygnet_hub.kubernetes.spawner import LONGEST_NAME
from cygnet_hub.kubernetes.values_file import Written
from kubespawner.slugs import safe_slug

from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.values import merged

PROVIDER = {
    "oidc": {
        "issuer": "https://login.example.org",
        "clientId": "cygnet",
        "allowedGroups": ["staff"],
    }
}
EVERYBODY: dict[str, Any] = {"config": {"oidc": {"allowedGroups": []}}}
WITH_PROVIDER: dict[str, Any] = {
    "config": PROVIDER,
    "publicUrl": "https://a.example.org",
    "secrets": {"oidcClientSecretFrom": {"name": "cygnet-oidc", "key": "secret"}},
}
# A Helm that was built from its module believes in an old one.
KUBERNETES = "--kube-version=1.36.0"
REASON = "not while no identity provider is set"
PUBLISHED: dict[str, dict[str, Any]] = {
    "ingress.enabled": {"ingress": {"enabled": True, "host": "a.example.org"}},
    "gateway.enabled": {"gateway": {"enabled": True, "parentRefs": [{"name": "a"}]}},
    "proxy.service.type=LoadBalancer": {"proxy": {"service": {"type": "LoadBalancer"}}},
    "proxy.service.type=NodePort": {"proxy": {"service": {"type": "NodePort"}}},
}
INCOMPLETE: dict[str, dict[str, Any]] = {
    "publicUrl: is needed": {"publicUrl": ""},
    "publicUrl: its path is /, and prefix says /science.": {"prefix": "/science"},
    "config.oidc.issuer: has no TLS": {
        "config": {"oidc": {"issuer": "http://login.example.org"}}
    },
    "config.oidc.allowedGroups: is empty": EVERYBODY,
    "config.oidc.tokenAudience: is needed": {
        "config": {"oidc": {"tokenGroups": ["staff"]}}
    },
    "secrets.oidcClientSecretFrom: is needed": {
        "secrets": {"oidcClientSecretFrom": {"name": ""}}
    },
    "secrets.oidcClientSecretFrom.key: is needed": {
        "secrets": {"oidcClientSecretFrom": {"key": ""}}
    },
    "secrets.databaseUrlFrom.key: is needed": {
        "secrets": {"databaseUrlFrom": {"name": "rows"}}
    },
    "only one of them": {"secrets": {"oidcClientSecret": "given-too"}},
}
SHARED: dict[str, str] = {
    "http://a.example.org": "has no TLS",
    "https://192.0.2.1": "has no names below its host",
    "https://[2001:db8::1]": "has no names below its host",
    "https://notebooks": "has no names below its host",
}
"""Where no person can have a host name of their own."""
LONGEST = 40
"""As long as a release's name may be."""
DATABASE = "postgresql+psycopg2://hub:word@rows/hub"
NAMES = {
    "a" * (LONGEST + 1): "has 41 characters, and at most 40 fit",
    "a.b": "small letters, digits and dashes only",
    "2a": "begins with a small letter",
}


def template(
    programs: Cluster,
    values: dict[str, Any],
    *more: str,
    name: str = "try",
    place: str = "place",
) -> tuple[bool, str]:
    """Say whether Helm renders it, and what it says."""
    result = helm.run(
        programs,
        *("template", name, str(helm.CHART), f"--namespace={place}", KUBERNETES, *more),
        values=values,
    )
    return result.returncode == 0, result.stderr or result.stdout


def found(values: dict[str, Any]) -> str:
    """Say what `cygnet check` finds, without Helm."""
    return " ".join(map(str, values_check.examine(Written("", values)).problems))


@pytest.fixture(scope="module")
def is_whole_taken(programs: Cluster) -> bool:
    """Say whether what the incomplete values are made of is rendered."""
    return template(programs, WITH_PROVIDER)[0]


@pytest.mark.parametrize("published", PUBLISHED)
def test_publishing_without_a_provider_is_refused(
    programs: Cluster, published: str
) -> None:
    values = PUBLISHED[published]

    was_taken, told = template(programs, values)

    assert not was_taken
    assert published in told
    assert REASON in told
    assert published.partition("=")[0] in found(values)
    assert template(programs, {**values, **WITH_PROVIDER})[0]


@pytest.mark.parametrize("sentence", INCOMPLETE)
def test_what_the_hub_could_not_start_with_is_refused(
    programs: Cluster, sentence: str, *, is_whole_taken: bool
) -> None:
    values = merged(WITH_PROVIDER, INCOMPLETE[sentence])

    was_taken, told = template(programs, values)

    assert not was_taken
    assert sentence in told
    assert sentence.partition(":")[0] in found(values)
    assert found(WITH_PROVIDER) == ""
    assert is_whole_taken


@pytest.mark.parametrize("url", SHARED)
def test_single_origin_for_all_users_must_be_accepted(
    programs: Cluster, url: str
) -> None:
    values = {**WITH_PROVIDER, "publicUrl": url}

    was_taken, told = template(programs, values)

    assert not was_taken
    assert f"publicUrl: {url} {SHARED[url]}" in told
    assert "acceptOneOrigin: true" in told
    assert SHARED[url] in found(values)
    assert found({**values, "acceptOneOrigin": True}) == ""
    assert template(programs, {**values, "acceptOneOrigin": True})[0]


def test_names_of_images_are_refused_in_words(programs: Cluster) -> None:
    wrong = {"name": "a", "label": "A", "image": "team/my user"}
    values = {
        "image": {"hub": "registry.example.org/hub 1", "registry": "https://a.b"},
        "config": {"images": [{"name": "b", "label": "B"}, wrong]},
    }

    was_taken, told = template(programs, values)

    assert not was_taken
    remedy = "write a name, e.g. registry.example.org/team/user:1."
    for place, name in (
        ("image.hub", "registry.example.org/hub 1"),
        ("config.images[1].image", "team/my user"),
    ):
        assert f"{place}: “{name}” is not a valid image name; {remedy}" in told
        assert place in found(values)
    assert "image.registry: “https://a.b” is no beginning" in told
    assert "pattern" not in told


def test_upgrade_keeps_letting_all_users_in(programs: Cluster) -> None:
    values = merged(WITH_PROVIDER, EVERYBODY)

    assert not template(programs, values)[0]
    assert template(programs, values, "--is-upgrade")[0]
    said = merged(values, {"config": {"oidc": {"allowEverybody": True}}})
    assert template(programs, said)[0]


def test_check_looks_before_anything_changes(programs: Cluster) -> None:
    values = merged(
        WITH_PROVIDER,
        {
            "image": {"pullSecrets": ["registry-key"]},
            "hub": {"placement": {"priorityClassName": "absent"}},
            "secrets": {"existing": "keys", "databaseUrl": DATABASE},
        },
    )

    _, told = template(programs, values)
    _, upgraded = template(programs, values, "--is-upgrade")

    objects = {it["kind"]: it for it in yaml.safe_load_all(told) if is_check(it)}
    pod = objects["Job"]["spec"]["template"]["spec"]
    (sources, _) = pod["volumes"]
    assert objects.keys() == {"ServiceAccount", "Secret", "Job"}
    for one in objects.values():
        hook = one["metadata"]["annotations"]
        assert hook["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert "hook-succeeded" in hook["helm.sh/hook-delete-policy"]
    assert pod["serviceAccountName"] == objects["ServiceAccount"]["metadata"]["name"]
    assert not pod["automountServiceAccountToken"]
    assert "priorityClassName" not in pod
    written = objects["Secret"]["data"]["values.json"]
    assert DATABASE in b64decode(written).decode()
    assert all(
        it["secret"].get("optional") or it["secret"]["name"] == "try-check"
        for it in sources["projected"]["sources"]
    )
    assert "--upgrade" not in told
    assert '"--upgrade"' in upgraded


def is_check(one: dict[str, Any] | None) -> bool:
    """Say whether an object belongs to the check of the values."""
    return one is not None and one["metadata"]["name"] == "try-check"


@pytest.mark.parametrize("name", NAMES)
def test_name_that_does_not_fit_is_refused(programs: Cluster, name: str) -> None:
    was_taken, told = template(programs, {}, name=name)

    assert not was_taken
    assert f"The release's name, {name}: " in told
    assert NAMES[name] in told
    assert "Install it under a" in told


def test_name_and_namespace_fit_a_label_together(programs: Cluster) -> None:
    name = "a" * LONGEST

    was_taken, told = template(programs, {}, name=name, place="b" * 23)

    assert not was_taken
    assert "have 63 characters, and at most 62 fit" in told
    assert template(programs, {}, name=name, place="b" * 22)[0]


def test_longest_name_fits_everything(programs: Cluster) -> None:
    name = "a" * LONGEST

    _, told = template(programs, {}, name=name)

    objects = [it["metadata"] | it for it in yaml.safe_load_all(told) if it]
    services = [it["name"] for it in objects if it["kind"] == "Service"]
    labels = [value for it in objects for value in it["labels"].values()]
    assert len(services) == 5
    assert max(map(len, [*services, *labels])) <= LONGEST_NAME
    # What is left has room for a digest of a user's name, and some of it.
    start = len(f"{name}-user-")
    assert safe_slug("Somebody", max_length=LONGEST_NAME - start).startswith("someb")


def test_all_refusals_are_reported_at_once(programs: Cluster) -> None:
    values = {
        "ingress": {"enabled": True},
        "secrets": {"databaseUrl": "a", "databaseUrlFrom": {"name": "b", "key": "c"}},
    }

    _, told = template(programs, values, name="a.b")

    assert REASON in told
    assert "ingress.host" in told
    assert "secrets.databaseUrlFrom" in told
    assert "a.b" in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"hub": {"replicas": 2}},
            "at '/hub': additional properties 'replicas' not allowed",
        ),
        ({"config": {"quota": {"pods": "16"}}}, "at '/config/quota/pods': got string"),
        ({"ingress": {"host": "https://a.example.org"}}, "at '/ingress/host'"),
    ],
    ids=["key", "number", "address"],
)
def test_wrong_value_is_refused_with_its_place(
    programs: Cluster, values: dict[str, Any], told: str
) -> None:
    was_taken, said = template(programs, values)

    assert not was_taken
    assert told in said
