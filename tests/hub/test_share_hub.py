"""What two people see of each other's folders, by their own notebook servers."""

import json
import signal
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from tests.support.share_hub import ShareHub, Sharer, killed
from tests.support.waiting import until

SLOW = 30
"""How long a change may take on a busy machine; 5 seconds are promised."""


def share(owner: Sharer, place: str, files: dict[str, str], *names: str) -> int:
    """Share a folder with others, who may edit it."""
    (owner.home / place).mkdir()
    for name, text in files.items():
        (owner.home / place / name).write_text(text)
    made = owner.lab.post("shares", json={"place": place, "title": place})
    assert made.is_success, made.text
    number = int(made.json()["id"])
    for name in names:
        grant(owner, number, name, "edit")
    return number


def grant(owner: Sharer, number: int, name: str, right: str) -> None:
    body = {"audience": "user", "principal": name, "right": right}
    answer = owner.lab.put(f"shares/{number}/grants", json=body)
    assert answer.is_success, answer.text


def opened(person: Sharer, number: int) -> str:
    """Open a share in somebody's home, and give the place once it is there."""
    until(lambda: number in listed(person), "the share is listed")
    answer = person.lab.post(f"shares/{number}/open")
    assert answer.is_success, answer.text
    return str(answer.json()["place"])


def listed(person: Sharer) -> set[int]:
    """Give the shares that others share with somebody, as their panel shows them."""
    return {it["id"] for it in person.lab.get("state").json()["others"]}


def text(person: Sharer, path: str) -> str:
    """Read a file in a home; empty while there is none."""
    place = person.home / path
    return place.read_text() if place.is_file() else ""


def arrives(condition: Callable[[], object], what: str) -> None:
    """Wait for something, and print how long that took."""
    start = time.monotonic()
    until(condition, what, SLOW)
    print(f"{what} after {time.monotonic() - start:.1f} s")  # noqa: T201


def test_what_one_saves_and_what_a_kernel_writes_is_with_the_other(
    share_hub: ShareHub,
) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    number = share(ann, "saved", {"a.txt": "one"}, "bob")
    place = opened(bob, number)
    until(lambda: text(bob, f"{place}/a.txt") == "one", "the share is there")

    ann.save("saved/a.txt", "two")
    arrives(lambda: text(bob, f"{place}/a.txt") == "two", "the save is there")
    with ann.kernel() as kernel:
        code = "open('saved/data.csv', 'w').write('3')"
        kernel.execute_interactive(code, timeout=SLOW)
    arrives(lambda: text(bob, f"{place}/data.csv") == "3", "the kernel's file is there")
    bob.save(f"{place}/a.txt", "three")
    arrives(lambda: text(ann, "saved/a.txt") == "three", "the answer is there")


def test_share_that_was_revoked_is_gone_everywhere(share_hub: ShareHub) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    number = share(ann, "revoked", {"a.txt": "one"})
    grant(ann, number, "bob", "view")
    place = opened(bob, number)
    until(lambda: text(bob, f"{place}/a.txt") == "one", "the share is there")

    query = {"audience": "user", "principal": "bob"}
    ann.lab.delete(f"shares/{number}/grants", params=query).raise_for_status()

    gone = bob.api.get(f"shares/{number}/snapshots/1")
    assert gone.status_code == HTTPStatus.NOT_FOUND
    arrives(lambda: number not in listed(bob), "it is not listed")
    arrives(lambda: not (bob.home / place).exists(), "the copy is gone")
    page = bob.log_in().get(f"/services/share/view/{number}/1/")
    assert page.status_code == HTTPStatus.NOT_FOUND


def test_saves_wait_for_a_killed_service_and_a_killed_hub(share_hub: ShareHub) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    number = share(ann, "waits", {"a.txt": "one"}, "bob")
    place = opened(bob, number)
    until(lambda: text(bob, f"{place}/a.txt") == "one", "the share is there")

    killed(share_hub.process)
    ann.save("waits/a.txt", "two")
    until(lambda: "Sharing is away" in sentence(ann), "the panel says so")
    until(lambda: text(bob, f"{place}/a.txt") == "two", "the save is there")

    share_hub.hub.stop(signal.SIGKILL)
    share_hub.hub.start()
    until(share_hub.answers, "the service of the next hub answers")
    ann.save("waits/a.txt", "three")
    until(lambda: text(bob, f"{place}/a.txt") == "three", "the save is there")
    assert not sentence(ann)


def sentence(person: Sharer) -> str:
    return str(person.lab.get("state").json()["sentence"])


def test_file_of_a_clock_that_is_wrong_by_a_day_is_shared(share_hub: ShareHub) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    number = share(ann, "clock", {"a.txt": "one"}, "bob")
    place = opened(bob, number)
    until(lambda: text(bob, f"{place}/a.txt") == "one", "the share is there")

    with ann.kernel() as kernel:
        for days in (1, -1):
            code = f"import os, time; t = time.time() + {days * 86400}; "
            code += f"open('clock/{days}', 'w').write('x'); "
            code += f"os.utime('clock/{days}', (t, t))"
            kernel.execute_interactive(code, timeout=SLOW)
    names = ("1", "-1")
    arrives(
        lambda: all((bob.home / place / it).exists() for it in names),
        "both files are there",
    )


def test_two_who_edit_one_notebook_lose_nothing(share_hub: ShareHub) -> None:
    ann, bob = (share_hub.people[it] for it in ("ann", "bob"))
    number = share(ann, "both", {"n.ipynb": notebook("1", "2")}, "bob")
    place = opened(bob, number)
    until(lambda: text(bob, f"{place}/n.ipynb"), "the share is there")

    ann.save("both/n.ipynb", notebook("1 + 1", "2"))
    bob.save(f"{place}/n.ipynb", notebook("1", "2 + 2"))

    def sources(path: Path) -> list[str]:
        cells = json.loads(path.read_text())["cells"]
        return ["".join(it["source"]) for it in cells]

    both = (ann.home / "both/n.ipynb", bob.home / place / "n.ipynb")
    wanted = [["1 + 1", "2 + 2"]] * 2
    arrives(lambda: [sources(it) for it in both] == wanted, "each has both changes")


def notebook(*sources: str) -> str:
    """Write a notebook whose cells have the ids a, b and so on."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "abc"[number],
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    body = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(body)
