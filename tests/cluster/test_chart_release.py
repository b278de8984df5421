"""A release of the chart through its life: install, preflight, upgrade, uninstall."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser
from tests.support.values import merged
from tests.support.waiting import until

NAME = "cygnet-life"
PATTERN = "jsonpath={.data}"
UPGRADE = ("upgrade", NAME, str(helm.CHART), f"--namespace={NAME}", "--timeout=4m")
SHARING = {"sharing": {"enabled": True}}
HAS_SHARING = "import os; print(os.environ.get('CYGNET_SHARE_URL', 'none'))"
RUNNING = "app.kubernetes.io/component in (hub,proxy)"
STOPPING: dict[str, Any] = {
    "extraCa": "/etc/ssl/certs/site.pem",
    "secrets": {"databaseUrlFrom": {"name": "absent", "key": "url"}},
    "config": {"placement": {"tolerations": [{"key": "a", "operator": "Exist"}]}},
}
"""What Helm takes, and with which nobody could start or log in."""


@pytest.fixture(scope="module")
def release(images: Cluster) -> Iterator[helm.Service]:
    """Give a release that the tests may change and remove."""
    # The test cluster's pods are in this block, and who knows what else.
    inner = {"config": {"network": {"allowed": ["10.0.0.0/8"]}}}
    values = merged(helm.small(images), inner)
    with helm.installed(images, NAME, NAME, values) as service:
        yield service


def changed(cluster: Cluster) -> dict[str, object]:
    """Give values that make a new hub, and bring sharing."""
    config = {"startSeconds": 301, "storage": {"size": "2Gi"}}
    return merged(helm.small(cluster), {"config": config}, SHARING)


def secret(release: helm.Service) -> dict[str, str]:
    """Give what the release's Secret has."""
    text = release.kubectl("get", "secret", f"{NAME}-hub", "-o", PATTERN)
    return dict(json.loads(text))


def test_preflight_is_green_or_gives_the_reason(release: helm.Service) -> None:
    test = ("test", NAME, f"--namespace={NAME}", "--logs", "--timeout=5m")
    good = helm.run(release.cluster, *test)
    label = "pod-security.kubernetes.io/enforce"
    release.cluster.kubectl("label", "namespace", NAME, f"{label}-")
    try:
        bad = helm.run(release.cluster, *test)
    finally:
        release.cluster.kubectl("label", "namespace", NAME, helm.RESTRICTED)

    assert good.returncode == 0, good.stdout + good.stderr
    assert "ok  NetworkPolicies for what comes in: hold" in good.stdout
    assert "ok  NetworkPolicies for what goes out: hold" in good.stdout
    assert "ok  admission policies confine the hub: they do" in good.stdout
    assert release.cluster.is_external or (
        "see config.network.allowed: 10.0.0.0/8 has addresses of pods (" in good.stdout
        and "Cilium's resources are here" in good.stdout
    )
    assert "ok  homes of 1Gi: none yet" in good.stdout
    assert "ok  processes and threads of a user's pod: 4" in good.stdout
    assert bad.returncode != 0
    assert f"RED security level of {NAME}: none" in bad.stdout + bad.stderr


def test_upgrade_that_would_lock_out_all_users_changes_nothing(
    release: helm.Service,
) -> None:
    values = merged(helm.small(release.cluster), STOPPING)
    before = objects(release)

    refused = helm.run(release.cluster, *UPGRADE, "--wait", values=values)

    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "config.placement.tolerations[0].operator: there is no operator" in said
    assert "extraCa: has no certificate" in said
    assert "there is no Secret absent with the key url" in said
    assert objects(release) == before
    # Without the check the hub that runs is ended, and no other one comes.
    unchecked = helm.run(release.cluster, *UPGRADE, "--no-hooks", values=values)
    assert unchecked.returncode == 0, unchecked.stderr
    until(lambda: not helm.answers(f"{release.url}/hub/health"), "the hub is gone")
    release.upgrade(helm.small(release.cluster))
    left = release.kubectl("get", "job,secret,serviceaccount", "--output=name")
    assert "check" not in left


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"size": "1023Mi"},
            f"hub.storage.size: is 1023Mi, and the volume claim {NAME}",
        ),
        ({"size": 0.5}, "hub.storage.size: is 0.5, and"),
        ({"storageClass": "other"}, "hub.storage.storageClass: is other, and"),
        ({"size": "1024Mi"}, ""),
    ],
    ids=["smaller", "number", "class", "same"],
)
def test_volume_that_kubernetes_would_not_change_is_refused_before(
    release: helm.Service, wanted: dict[str, Any], words: str
) -> None:
    values = merged(helm.small(release.cluster), {"hub": {"storage": wanted}})

    told = helm.run(release.cluster, *UPGRADE, "--dry-run=server", values=values)

    assert (told.returncode != 0) is bool(words), told.stderr
    assert words in told.stderr
    # Helm would be stopped by this, with half of the upgrade done.
    spec: dict[str, object] = {"storageClassName": wanted.get("storageClass")}
    if "size" in wanted:
        spec = {"resources": {"requests": {"storage": wanted["size"]}}}
    patch = ("patch", "pvc", f"{NAME}-hub", "--dry-run=server", "--type=merge", "-p")
    said = release.cluster.kubectl(
        *("--namespace", NAME, *patch, json.dumps({"spec": spec})), check=False
    )
    assert ("forbidden" in said.lower()) is bool(words), said


def test_volume_keeps_a_class_that_the_values_do_not_name(
    release: helm.Service,
) -> None:
    kind = release.kubectl(
        *("get", "pvc", f"{NAME}-hub", "--output=jsonpath={.spec.storageClassName}")
    )

    told = helm.run(
        *(release.cluster, *UPGRADE, "--dry-run=server"),
        values=helm.small(release.cluster),
    )

    # Left out, Helm takes it out of the claim, which Kubernetes refuses half-way.
    assert kind
    assert f"storageClassName: {kind}" in told.stdout


def objects(release: helm.Service) -> str:
    """Give everything of the release, with what changes at every write."""
    kinds = "deployments,pods,services,configmaps,networkpolicies,pvc"
    label = f"--selector=app.kubernetes.io/instance={NAME},{RUNNING}"
    fields = "{.kind} {.metadata.uid} {.metadata.generation} {.data}"
    each = f"jsonpath={{range .items[*]}}{fields}{{'\\n'}}{{end}}"
    return release.kubectl("get", kinds, label, f"--output={each}")


def test_upgrade_names_the_value_that_lets_all_users_in(release: helm.Service) -> None:
    values = merged(
        helm.small(release.cluster),
        {
            "config": {"oidc": {"issuer": "https://a.example.org", "clientId": "a"}},
            "publicUrl": "https://b.example.org",
            "secrets": {"oidcClientSecret": "word"},
        },
    )
    meant = merged(values, {"config": {"oidc": {"allowEverybody": True}}})

    told = helm.run(release.cluster, *UPGRADE, "--dry-run=client", values=values)
    silent = helm.run(release.cluster, *UPGRADE, "--dry-run=client", values=meant)

    warning = "WARNING: everybody who has an account at https://a.example.org may"
    assert warning in told.stdout
    assert "config.oidc.allowEverybody=true" in told.stdout
    assert silent.returncode == 0
    assert "WARNING: everybody" not in silent.stdout


def test_kernel_survives_an_upgrade_that_brings_sharing(release: helm.Service) -> None:
    keys = secret(release)
    hub = release.kubectl("get", "pods", "-l", "app.kubernetes.io/component=hub")
    with ClusterUser(release.url) as user:
        user.log_in(release.login_link())
        user.start()
        kernel = user.kernel()
        user.run(kernel, "kept = 42")

        told = release.upgrade(changed(release.cluster))

        assert "config.storage.size was 1Gi and is 2Gi. Homes that exist" in told
        assert "users can share folders" in told
        assert user.run(kernel, "print(kept)").text.strip() == "42"
        # A server that ran before goes on without it, and has it when it starts next.
        assert user.run(kernel, HAS_SHARING).text.strip() == "none"
        assert user.model() is not None
    now = release.kubectl("get", "pods", "-l", "app.kubernetes.io/component=hub")
    assert now.split()[5] != hub.split()[5]
    assert secret(release).keys() - keys.keys() == {"share-token"}
    assert keys.items() <= secret(release).items()


def test_uninstall_keeps_homes_and_says_so(release: helm.Service) -> None:
    cluster = release.cluster
    claims = ("get", "pvc", "-A", "-l", release.label, "-o", "name")
    before = cluster.kubectl(*claims)

    removed = helm.run(cluster, "uninstall", NAME, f"--namespace={NAME}", "--wait")

    assert removed.returncode == 0, removed.stderr
    assert f"[ConfigMap] {NAME}-users-namespaces-and-volumes" in removed.stdout
    assert f"[PersistentVolumeClaim] {NAME}-hub" in removed.stdout
    assert f"[PersistentVolumeClaim] {NAME}-share" in removed.stdout
    assert before
    assert cluster.kubectl(*claims) == before
    left = cluster.kubectl("get", "clusterroles,validatingadmissionpolicies", "-o=name")
    assert f"/{NAME}.{NAME}" not in left

    helm.apply(cluster, NAME, NAME, helm.small(cluster))
    url = helm.address(cluster, NAME, NAME)
    helm.await_hub(url)
    with ClusterUser(url) as user:
        user.log_in(replace(release, url=url).login_link())
        assert user.get("/hub/home").status_code == 200
