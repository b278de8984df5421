"""The sharing service of one machine: started, ended and started again by the hub."""

import json
import stat
from pathlib import Path

import psutil
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Role

from tests.support.client import ask
from tests.support.command import Command, kill
from tests.support.waiting import until


def service(cygnet: Command) -> psutil.Process | None:
    found = process_tree.take(cygnet.data).of(Role.SHARING)
    return found[0].process if found else None


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def answers(cygnet: Command) -> bool:
    """Whether the service answers by the proxy who has no token."""
    return ask("GET", f"{cygnet.hub.url}/services/share/api/shares").status_code == 403


def test_server_of_one_machine_shares_and_a_killed_service_comes_back(
    running: Command,
) -> None:
    until(lambda: answers(running), "the service answers")
    with running.notebook() as notebook:
        ask_me = (
            "import os, urllib.request as r\n"
            "token = os.environ['JUPYTERHUB_API_TOKEN']\n"
            "headers = {'Authorization': f'token {token}'}\n"
            "url = os.environ['CYGNET_SHARE_URL'] + 'me'\n"
            "print(r.urlopen(r.Request(url, headers=headers)).read().decode())"
        )
        # What docs/security says of code in a notebook.
        me = json.loads(notebook.run(ask_me))
    assert me["name"] == running.hub.settings.owner
    assert me["several"] is False
    first = service(running)
    assert first is not None
    assert f"sharing service: process {first.pid}" in running.run("status").stdout
    assert {mode(it) for it in (running.data.share, *running.data.share.iterdir())} <= {
        0o700,
        0o600,
    }

    kill(first)

    until(lambda: service(running) is not None, "the hub has started it again")
    until(lambda: answers(running), "it answers")
    assert running.run("status").returncode == 0


def test_service_that_cannot_start_takes_nothing_along(cygnet: Command) -> None:
    cygnet.data.share.write_text("no folder")

    cygnet.detached()
    with cygnet.notebook() as notebook:
        assert notebook.run("print(1 + 1)") == "2\n"

    # Between the times at which the hub tries again.
    died = "The sharing service died."
    until(lambda: died in cygnet.run("status").stdout, "the status says it")
    reason = f"File exists: '{cygnet.data.share}'"
    assert reason in cygnet.data.share_log.read_text()
    assert cygnet.run("stop").returncode == 0
    assert cygnet.pids == set()
