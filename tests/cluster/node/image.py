"""Builds the project's images with buildah and brings images into the node."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.cluster.node import archive
from tests.cluster.node.place import ROOT, RUN, SOCKET
from tests.cluster.node.program import ClusterError, phase, run, wait_for
from tests.cluster.node.tool import program
from tests.support.lock import alone

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION: str = PROJECT["version"]
NAMES = ("hub", "proxy", "user")
IMPORTED = RUN / "images.json"
INPUTS = "org.cygnet.inputs"
SHELL = Path("/bin/busybox")
APPLETS = (
    *("cat", "chmod", "cp", "df", "dd", "env", "head", "id", "ip", "ls", "mkdir"),
    *("nc", "nslookup", "ps", "rm", "sh", "sleep", "tail", "touch", "true"),
)
CTR = ("ctr", f"--address={SOCKET}", "--namespace=k8s.io")
WAIT = "trap exit TERM INT; while :; do sleep 3600 & wait $!; done"


def full_name(name: str, registry: str = "localhost") -> str:
    """Give the full name of one of the project's images."""
    return f"{registry}/cygnet-{name}:{VERSION}"


def build(base: str, names: tuple[str, ...] = NAMES) -> None:
    """Build those of the project's images that changed since they were built."""
    for name in names:
        inputs = _inputs(name)
        if _label(full_name(name)) != inputs:
            with phase(f"building the image {name}"):
                build_one(
                    full_name(name),
                    *("--file", str(ROOT / f"images/{name}/Dockerfile")),
                    *("--build-arg", f"BASE={base}", "--build-arg", f"INPUTS={inputs}"),
                    *("--label", f"{INPUTS}={inputs}"),
                    str(ROOT),
                )


def build_one(name: str, *arguments: str) -> None:
    """Build one image from a Dockerfile.

    Notes
    -----
    A build sees the machine's certificate authorities by a secret named ``ca``,
    which is in no image. Rootless tools are not asked for: the lane needs root.
    """
    buildah(
        *("bud", "--layers", "--isolation", "chroot", "--network", "host"),
        *("--secret", f"id=ca,src={_authorities()}", "--tag", name),
        *arguments,
    )


def buildah(*arguments: str) -> str:
    """Run buildah where the mounts it forgets vanish with it."""
    return run("unshare", "--mount", "buildah", *arguments)


def identity(name: str) -> str:
    """Give the identity of an image that buildah has, or nothing."""
    command = ["unshare", "--mount", "buildah", "images", "--quiet", "--no-trunc", name]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip()


def is_built(name: str) -> bool:
    """Tell whether buildah, if there is one, has an image."""
    return shutil.which("buildah") is not None and bool(identity(name))


def load(*names: str) -> None:
    """Bring images from buildah's storage into the node, unless they are there."""
    found = {name: identity(name) for name in names}
    if missing := [name for name in names if not found[name]]:
        message = f"Not built: {', '.join(missing)}."
        raise ClusterError(message)
    with alone(IMPORTED.with_suffix(".lock")):
        known = json.loads(IMPORTED.read_text()) if IMPORTED.exists() else {}
        with ThreadPoolExecutor() as pool:
            list(pool.map(_load, (it for it in names if known.get(it) != found[it])))
        IMPORTED.write_text(json.dumps(known | found))


def _load(name: str) -> None:
    with _archive() as file:
        buildah("push", "--quiet", name, f"docker-archive:{file}:{name}")
        _import(file)


def push(registry: str, *names: str) -> None:
    """Push images from buildah's storage to a registry."""
    for name in names:
        place = f"{registry}/{name.rpartition('/')[2]}"
        buildah("push", "--quiet", name, f"docker://{place}")


def load_addons() -> None:
    """Bring the images of the cluster's own pods into the node that starts."""
    wait_for("containerd", _serves)
    shell = {"bin/busybox": SHELL}
    links = {f"bin/{it}": "busybox" for it in APPLETS}
    _load_small("pause", shell, links, ["/bin/sh", "-c", WAIT])
    _load_small("busybox", shell, links, [])
    for name in ("coredns", "local-path-provisioner"):
        _load_small(name, {name: program(name)}, {}, [f"/{name}"])


def _load_small(
    name: str, files: dict[str, Path], links: dict[str, str], entrypoint: list[str]
) -> None:
    with _archive() as file:
        archive.write(file, f"localhost/{name}:1", files, links, entrypoint)
        _import(file)


@contextmanager
def _archive() -> Generator[Path]:
    with tempfile.TemporaryDirectory(dir=RUN) as folder:
        yield Path(folder) / "image.tar"


def _import(file: Path) -> None:
    run(*CTR, "images", "import", file)


def _serves() -> bool:
    with suppress(ClusterError):
        return bool(run(*CTR, "version"))
    return False


def _label(name: str) -> str:
    if not identity(name):
        return ""
    query = f'{{{{index .OCIv1.Config.Labels "{INPUTS}"}}}}'
    return buildah("inspect", "--type", "image", "--format", query, name).strip()


def _inputs(name: str) -> str:
    """Give a hash of what an image is built from: its folder, the wheel."""
    images = ROOT / "images"
    found = (*images.iterdir(), *(images / name).rglob("*"), *ROOT.glob("dist/*.whl"))
    files = [it for it in found if it.is_file()]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _authorities() -> str:
    places = (
        os.environ.get("SSL_CERT_FILE"),
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
    )
    return next((it for it in places if it and Path(it).is_file()), "/dev/null")
