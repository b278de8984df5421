"""Two people share a folder: pods, volume, groups of the provider, and a killed pod."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.helm import Service
from tests.support.inside import Pod
from tests.support.oidc_pod import OidcPod
from tests.support.people import MORE, person
from tests.support.provider import PEOPLE
from tests.support.scene import Scene
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("people")

FOLDER = "together"
THERE = f"/home/cygnet/{FOLDER}"
HERE = f"/home/cygnet/Shared/alice/{FOLDER}"
GROUP = "physics"
CLOSED = ("/opt/cygnet/x", "/etc/cygnet/x", "/x")
OPEN = ("/tmp/x", "/var/lib/cygnet/x")  # noqa: S108 - Of the pod.
MANY = 200
REFRESHED_S = 10
GONE_S = 60
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# Flights"}
    ],
}
WRITE = f"""
import json, os, pathlib
folder = pathlib.Path({THERE!r})
folder.mkdir(exist_ok=True)
(folder / "data.csv").write_text("a,b\\n1,2\\n")
(folder / "book.ipynb").write_text(json.dumps({NOTEBOOK!r}))
"""
WRITE_MANY = f"""
import os, pathlib, time
folder = pathlib.Path({THERE!r} + ".part")
folder.mkdir()
at_rest = time.time() - 60
for i in range({MANY}):
    file = folder / f"{{i}}.bin"
    file.write_bytes(os.urandom(100_000))
    os.utime(file, (at_rest, at_rest))
folder.rename(pathlib.Path({THERE!r}, "many"))
"""
"""All of them are there at once, and none is being written any more."""
DIGEST = """
import hashlib, pathlib, sys
found = sorted(it for it in pathlib.Path({0!r}, "many").glob("*.bin"))
print(len(found), hashlib.sha256(b"".join(it.read_bytes() for it in found)).hexdigest())
"""
CHUNKS = """
import pathlib
print(sum(it.is_file() for it in pathlib.Path("/var/lib/cygnet/share").rglob("*")))
"""
ENTRIES = """
import json, os, urllib.request
token = os.environ["JUPYTERHUB_API_TOKEN"]
url = os.environ["CYGNET_SHARE_URL"] + "shares/{0}/snapshots/{1}"
headers = {{"Authorization": f"token {{token}}"}}
with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
    print(sum(it.startswith("many/") for it in json.load(answer)["entries"]))
"""
"""How many of the many files a version has."""


def run(pod: Pod, code: str) -> str:
    """Run a program in a pod, and give what it prints."""
    place = ("-n", pod.namespace, pod.name, "--", pod.python, "-")
    return pod.kubectl("exec", "-i", *place, stdin=code).strip()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a server, who calls it as JupyterLab's panel does."""

    name: str
    pod: Pod

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the notebook server about shares."""
        place = f"http://127.0.0.1:8888/user/{self.name}/cygnet/share/"
        return self._ask(f"{place}{path}", method, body)

    def ask(self, path: str) -> dict[str, Any]:
        """Ask the sharing service, with the token that the server has."""
        [url] = self.pod.ask(("variable", {"name": "CYGNET_SHARE_URL"}))
        return self._ask(f"{url}{path}", "GET", None)

    def _ask(self, url: str, method: str, body: object) -> dict[str, Any]:
        [token] = self.pod.ask(("variable", {"name": "JUPYTERHUB_API_TOKEN"}))
        headers = {"Authorization": f"token {token}"}
        headers["Content-Type"] = "application/json"
        question = {"url": url, "method": method, "headers": headers, "body": body}
        [answer] = self.pod.ask(("ask", question))
        return dict(answer)


def content(answer: dict[str, Any]) -> dict[str, Any]:
    """Give what a call was answered, which was a good one."""
    assert 200 <= answer["status"] < 300, answer
    found: dict[str, Any] = json.loads(answer["text"] or "{}")
    return found


@pytest.fixture(scope="module")
def alice(scene: Scene) -> Person:
    return Person("alice", scene.alice)


@pytest.fixture(scope="module")
def bob(scene: Scene) -> Person:
    return Person("bob", scene.bob)


@pytest.fixture(scope="module")
def share(alice: Person, bob: Person, provider_of_people: OidcPod) -> Generator[int]:
    """Alice's folder, which a group of Bob's may see and Bob has opened."""
    give_groups(provider_of_people, "staff", GROUP)
    run(alice.pod, WRITE)
    made = content(alice.call("POST", "shares", {"place": FOLDER, "title": FOLDER}))
    number = int(made["id"])
    grant = {"audience": "group", "principal": GROUP, "right": "view", "expires": None}
    content(alice.call("PUT", f"shares/{number}/grants", grant))
    until(lambda: is_listed(bob, number), "Bob's group counts", GONE_S)
    place = content(bob.call("POST", f"shares/{number}/open"))["place"]
    assert f"/home/cygnet/{place}" == HERE
    yield number
    provider_of_people.order("people", {**PEOPLE, **MORE})


def give_groups(provider: OidcPod, *groups: str) -> None:
    """Have the provider say in which groups Bob is."""
    bob = {**MORE["bob"], "groups": list(groups)}
    provider.order("people", {**PEOPLE, **MORE, "bob": bob})


def is_listed(someone: Person, number: int) -> bool:
    """Tell whether a share is among those that somebody has."""
    answer = someone.ask("shares")
    return number in [it["id"] for it in content(answer)["shares"]]


def test_kernel_reads_what_another_shares_by_its_path(
    share: int, bob: Person, signed_in_service: Service
) -> None:
    del share
    there = f"import pathlib; print(pathlib.Path({HERE!r}, 'data.csv').exists())"
    until(lambda: run(bob.pod, there) == "True", "the file has come")

    with person(signed_in_service, "bob") as user:
        read = user.run(user.kernel(), f"print(open({HERE + '/data.csv'!r}).read())")

    assert read.text.strip() == "a,b\n1,2"


def test_browser_reads_the_viewer_at_the_service(
    share: int, alice: Person, bob: Person, signed_in_service: Service
) -> None:
    head = content(alice.ask(f"shares/{share}"))["head"]
    page = f"/services/share/view/{share}/{head}/book.ipynb"
    with person(signed_in_service, "bob") as user:
        shown = user.get(page)
    with person(signed_in_service, "carol") as user:
        refused = user.get(page)

    assert shown.status_code == 200, shown.text
    assert "Flights" in shown.text
    assert refused.status_code == 404
    assert "Flights" not in refused.text
    assert content(bob.ask("me"))["name"] == "bob"


def test_pod_has_no_rights_and_writes_its_volume_alone(scene: Scene) -> None:
    pod = scene.share
    made = pod.object()

    assert "serviceAccountToken" not in str(made["spec"]["volumes"])
    [account] = pod.ask(("claims", {}))
    assert account is None
    tried = "\n".join(
        f"try: open({it!r}, 'w').write(''); print('written')\n"
        "except OSError as error: print(error.errno)"
        for it in (*CLOSED, *OPEN)
    )
    ends = len(CLOSED) * ["30"] + len(OPEN) * ["written"]
    assert run(pod, tried).split() == ends
    for key in ("cookie-secret", "crypt-key", "proxy-token", "api-token"):
        assert key not in json.dumps(made)


def test_killed_pod_leaves_a_whole_version_and_what_was_shared(
    share: int, scene: Scene, alice: Person, bob: Person, signed_in_service: Service
) -> None:
    claim = ("get", "pvc", f"{scene.name}-share", "--output=jsonpath={.metadata.uid}")
    volume, killed = signed_in_service.kubectl(*claim), scene.share
    files = int(run(killed, CHUNKS))
    head = content(alice.ask(f"shares/{share}"))["head"]

    run(alice.pod, WRITE_MANY)
    until(lambda: int(run(killed, CHUNKS)) > files + 5, "some chunks are there")
    selected = "--selector=app.kubernetes.io/component=share"
    signed_in_service.kubectl("delete", "pod", selected, "--grace-period=0", "--force")

    answer = until(lambda: whole(alice.ask(f"shares/{share}")), "it is back")
    many = int(run(alice.pod, ENTRIES.format(share, answer["head"])))
    assert many == (0 if answer["head"] == head else MANY)
    wanted = run(alice.pod, DIGEST.format(THERE))
    assert wanted.startswith(f"{MANY} ")
    until(lambda: run(bob.pod, DIGEST.format(HERE)) == wanted, "Bob has all of it")
    assert signed_in_service.kubectl(*claim) == volume


def whole(answer: dict[str, Any]) -> dict[str, Any] | None:
    """Give what a service that answers says."""
    return content(answer) if answer["status"] == 200 else None


def test_group_that_is_taken_at_the_provider_takes_the_share(
    share: int, bob: Person, provider_of_people: OidcPod
) -> None:
    give_groups(provider_of_people, "staff")

    limit = REFRESHED_S + GONE_S
    gone = f"import pathlib; print(pathlib.Path({HERE!r}, 'data.csv').exists())"
    until(lambda: not is_listed(bob, share), "it is not listed", limit)
    until(lambda: run(bob.pod, gone) == "False", "it is gone", limit)
    assert bob.ask(f"shares/{share}")["status"] == 404
