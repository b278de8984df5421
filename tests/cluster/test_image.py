"""What holds for every image of the project."""

import json
import tomllib
from collections.abc import Generator
from typing import Any

import pytest

from tests.cluster.node import image
from tests.support.cluster import Cluster
from tests.support.lone_pod import LonePod, lone_pod
from tests.support.source import ROOT

# What Debian leaves to everybody, and what is made for the image's own user.
WRITABLE = {"/tmp", "/var/tmp", "/run/lock", "/home/cygnet", "/var/lib/cygnet"}  # noqa: S108
SLEEP = {"hub": ("sleep", "600"), "user": ("sleep", "600"), "proxy": ()}
FOLDERS = {"user": ("/home/cygnet",)}


@pytest.fixture(scope="module", params=image.NAMES)
def pod(images: Cluster, request: pytest.FixtureRequest) -> Generator[LonePod]:
    name = str(request.param)
    with lone_pod(images, name, *SLEEP[name], folders=FOLDERS.get(name, ())) as it:
        it.wait("condition=Ready")
        yield it


def config(name: str) -> dict[str, Any]:
    full_name = image.full_name(name)
    if not image.is_built(full_name):
        pytest.skip(f"{full_name} was not built here, so it cannot be looked into.")
    text = image.buildah("inspect", "--type", "image", full_name)
    return dict(json.loads(text)["OCIv1"])


def find(pod: LonePod, *conditions: str) -> set[str]:
    # What is not the user's to read is told on standard error, and is not of interest.
    told = pod.run("sh", "-c", 'find / -xdev "$@" 2>/dev/null || :', "-", *conditions)
    return set(told.split())


def test_image_runs_as_unprivileged_user(pod: LonePod) -> None:
    assert pod.run("id").startswith("uid=1000(cygnet) gid=1000(cygnet) ")


def test_image_is_written_by_root_alone(pod: LonePod) -> None:
    of_user = find(pod, "-user", "1000")
    of_everybody = find(pod, "-perm", "-o+w", "-not", "-type", "l")

    assert of_user | of_everybody <= WRITABLE


def test_image_has_nothing_of_its_build(pod: LonePod) -> None:
    left = find(pod, "-name", ".cache", "-o", "-path", "/var/lib/apt/lists/?*")
    left |= find(pod, "-path", "/build*", "-o", "-path", "/mnt/?*")
    secret = find(pod, "-path", "/run/secrets*")

    assert left == set()
    assert secret == set()


def test_image_knows_no_place_of_its_build(pod: LonePod) -> None:
    told = pod.run(
        *("sh", "-c", 'grep -rIlF -e "$1" /opt /etc /home /var 2>/dev/null || :'),
        *("-", f"{ROOT}/"),
    )

    assert told == ""


def test_image_has_no_private_key(pod: LonePod) -> None:
    told = pod.run(
        *("sh", "-c", 'grep -rIl -e "$1" /opt /etc /home /var /usr 2>/dev/null || :'),
        *("-", "^-----BEGIN [A-Z ]*PRIVATE KEY"),
    )

    assert told == ""


def test_image_trusts_debians_authorities_alone(pod: LonePod) -> None:
    count = "cat /etc/ssl/certs/ca-certificates.crt 2>/dev/null | grep -c ^-----BEGIN"
    shipped = "ls /usr/share/ca-certificates/mozilla 2>/dev/null | wc -l"
    told = pod.run("sh", "-c", f"{count}; {shipped}; ls /usr/local/share")

    trusted, of_debian, *local = told.split()
    assert trusted == of_debian
    assert "ca-certificates" not in local or not find(
        pod, "-path", "/usr/local/share/ca-certificates/?*"
    )


@pytest.mark.parametrize("name", image.NAMES)
def test_image_says_what_it_is(images: Cluster, name: str) -> None:
    assert images
    told = config(name)["config"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert told["User"] == "1000:1000"
    labels = told["Labels"]
    assert labels["org.opencontainers.image.version"] == project["version"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]
    assert labels["org.opencontainers.image.title"].startswith("Cygnet ")


@pytest.mark.parametrize("name", image.NAMES)
def test_image_contains_no_secret(images: Cluster, name: str) -> None:
    assert images
    told = config(name)
    text = json.dumps([told["config"].get("Env"), told["history"]])

    assert "BEGIN CERTIFICATE" not in text
    assert not [
        it for it in told["config"]["Env"] if any(w in it for w in ("TOKEN", "SECRET"))
    ]
