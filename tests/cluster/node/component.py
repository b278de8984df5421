"""States how each part of Kubernetes is started, and writes its configuration."""

import json
from pathlib import Path

from tests.cluster.node.certificate import kubeconfig, path
from tests.cluster.node.network import NODE_ADDRESS, POD_RANGE, SERVICE_RANGE
from tests.cluster.node.place import LOG, NETWORKS, PLUGINS, RUN, SOCKET
from tests.cluster.node.tool import program

NODE = "node1"
DNS_ADDRESS = "10.96.0.10"
PAUSE = "localhost/pause:1"
ETCD = "http://127.0.0.1:2379"
KUBELET = RUN / "kubelet.json"
CONTAINERD = RUN / "containerd.toml"
# Debian's containerd 1.6 looks for `loopback` here; Cilium's plugin joins it.
DEBIAN_PLUGINS = Path("/usr/lib/cni")
CONTAINERD_TEXT = f"""
version = 2
root = "{RUN}/containerd/root"
state = "{RUN}/containerd/state"
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{RUN}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{PLUGINS}"
    conf_dir = "{NETWORKS}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""


def configure() -> None:
    """Write the configuration files of containerd and the kubelet."""
    CONTAINERD.write_text(CONTAINERD_TEXT)
    KUBELET.write_text(json.dumps(_kubelet()))
    # Pods ask CoreDNS alone: the host's own resolver is out of their reach.
    (RUN / "resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
    (PLUGINS / "loopback").symlink_to(DEBIAN_PLUGINS / "loopback")
    (PLUGINS / "cilium-cni").symlink_to(program("cilium-cni"))


def store() -> dict[str, list[str]]:
    """Give the commands of what has to run first: containers, data, the API."""
    return {
        "containerd": ["containerd", "--config", str(CONTAINERD)],
        "etcd": _etcd(),
        "api-server": _api_server(),
    }


def controllers() -> dict[str, list[str]]:
    """Give the commands of what asks the API server."""
    return {
        "controller-manager": _controller_manager(),
        "scheduler": [
            _kubernetes("kube-scheduler"),
            *_client("scheduler"),
            "--leader-elect=false",
        ],
        "kubelet": [
            _kubernetes("kubelet"),
            f"--config={KUBELET}",
            f"--kubeconfig={kubeconfig('kubelet')}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={RUN}/kubelet",
        ],
        "proxy": [
            _kubernetes("kube-proxy"),
            f"--kubeconfig={kubeconfig('proxy')}",
            f"--hostname-override={NODE}",
            "--proxy-mode=nftables",
            f"--cluster-cidr={POD_RANGE}",
            "--conntrack-max-per-core=0",
        ],
    }


def _etcd() -> list[str]:
    return [
        str(program("server")),
        f"--data-dir={RUN}/etcd",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
    ]


def _api_server() -> list[str]:
    authority = path("ca", "crt")
    return [
        _kubernetes("kube-apiserver"),
        f"--etcd-servers={ETCD}",
        f"--advertise-address={NODE_ADDRESS}",
        f"--tls-cert-file={path('api-server', 'crt')}",
        f"--tls-private-key-file={path('api-server', 'key')}",
        f"--client-ca-file={authority}",
        f"--service-account-key-file={path('accounts', 'pub')}",
        f"--service-account-signing-key-file={path('accounts', 'key')}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        # It does not start with a shared authority unless the name is given too.
        f"--requestheader-client-ca-file={authority}",
        "--requestheader-allowed-names=front-proxy-client",
        f"--kubelet-client-certificate={path('admin', 'crt')}",
        f"--kubelet-client-key={path('admin', 'key')}",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def _controller_manager() -> list[str]:
    return [
        _kubernetes("kube-controller-manager"),
        *_client("controller-manager"),
        "--use-service-account-credentials",
        f"--service-account-private-key-file={path('accounts', 'key')}",
        f"--root-ca-file={path('ca', 'crt')}",
        f"--cluster-signing-cert-file={path('ca', 'crt')}",
        f"--cluster-signing-key-file={path('ca', 'key')}",
        "--allocate-node-cidrs",
        f"--cluster-cidr={POD_RANGE}",
        f"--flex-volume-plugin-dir={RUN}/volume-plugins",
        "--leader-elect=false",
    ]


def _kubernetes(name: str) -> str:
    return str(program(name))


def _client(name: str) -> list[str]:
    kinds = ("", "authentication-", "authorization-")
    return [f"--{kind}kubeconfig={kubeconfig(name)}" for kind in kinds]


def _kubelet() -> dict[str, object]:
    authentication = {
        "anonymous": {"enabled": False},
        "webhook": {"enabled": True},
        "x509": {"clientCAFile": str(path("ca", "crt"))},
    }
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": authentication,
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(path("kubelet", "crt")),
        "tlsPrivateKeyFile": str(path("kubelet", "key")),
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": str(RUN / "resolv.conf"),
        "podLogsDir": str(LOG / "pods"),
        "volumePluginDir": str(RUN / "volume-plugins"),
        # A developer's disk is often nearly full, and images must never go. One percent
        # of a large one would still be gigabytes.
        "evictionHard": {
            "memory.available": "200Mi",
            "nodefs.available": "200Mi",
            "imagefs.available": "200Mi",
        },
        "imageGCHighThresholdPercent": 100,
        "maxPods": 250,
        # As operators are advised; the preflight measures it.
        "podPidsLimit": 4096,
        "serializeImagePulls": False,
        # Containers often may not raise the limit of open files.
        "maxOpenFiles": 20000,
    }
