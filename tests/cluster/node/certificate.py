"""Makes the cluster's certificates and the kubeconfig files that carry them."""

import base64
import json
from pathlib import Path

from tests.cluster.node.network import NODE_ADDRESS
from tests.cluster.node.place import CERTIFICATES, RUN
from tests.cluster.node.program import run

API_SERVER = f"https://{NODE_ADDRESS}:6443"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
# Kubernetes reads a user from the common name and groups from the organisation.
CLIENTS = {
    "admin": "/O=system:masters/CN=admin",
    "controller-manager": "/CN=system:kube-controller-manager",
    "kubelet": "/O=system:nodes/CN=system:node:node1",
    "proxy": "/CN=system:kube-proxy",
    "scheduler": "/CN=system:kube-scheduler",
}
API_SERVER_NAMES = ",".join(
    (
        f"IP:{NODE_ADDRESS}",
        "IP:127.0.0.1",
        "IP:10.96.0.1",
        "DNS:kubernetes",
        "DNS:kubernetes.default",
        "DNS:kubernetes.default.svc",
    )
)


def make() -> None:
    """Make one authority, a pair for each party and its kubeconfig."""
    run(
        *("openssl", "req", "-x509", *KEY, "-days", "30", "-subj", "/CN=cygnet-tests"),
        *("-keyout", path("ca", "key"), "-out", path("ca", "crt")),
    )
    run(
        *("openssl", "genpkey", "-algorithm", "EC"),
        *("-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("accounts", "key")),
    )
    run(
        *("openssl", "pkey", "-in", path("accounts", "key"), "-pubout"),
        *("-out", path("accounts", "pub")),
    )
    _sign("api-server", "/CN=kube-apiserver", API_SERVER_NAMES)
    for name, subject in CLIENTS.items():
        _sign(name, subject, f"DNS:node1,IP:{NODE_ADDRESS}")
        kubeconfig(name).write_text(json.dumps(_kubeconfig(name)))


def path(name: str, kind: str) -> Path:
    """Give where a key (``key``) or certificate (``crt``) lies."""
    return CERTIFICATES / f"{name}.{kind}"


def kubeconfig(name: str) -> Path:
    """Give the kubeconfig of a party."""
    return RUN / f"{name}.kubeconfig"


def _sign(name: str, subject: str, names: str) -> None:
    request = path(name, "csr")
    run(
        *("openssl", "req", *KEY, "-subj", subject),
        *("-addext", f"subjectAltName={names}"),
        *("-keyout", path(name, "key"), "-out", request),
    )
    run(
        *("openssl", "x509", "-req", "-in", request, "-days", "30"),
        *("-CA", path("ca", "crt"), "-CAkey", path("ca", "key"), "-CAcreateserial"),
        *("-copy_extensions", "copy", "-out", path(name, "crt")),
    )


def _kubeconfig(name: str) -> dict[str, object]:
    """Write everything into the file, so that it can be carried elsewhere."""

    def text(which: str, kind: str) -> str:
        return base64.b64encode(path(which, kind).read_bytes()).decode()

    cluster = {"server": API_SERVER, "certificate-authority-data": text("ca", "crt")}
    user = {
        "client-certificate-data": text(name, "crt"),
        "client-key-data": text(name, "key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cygnet-tests", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [
            {"name": "node", "context": {"cluster": "cygnet-tests", "user": name}}
        ],
        "current-context": "node",
    }
