from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local.process_tree import Identity, Inventory, Role, ServiceProcess
from cygnet_hub.service import status
from cygnet_hub.service.state_file import Record
from cygnet_hub.service.status import Observation

STARTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def recorded(hub_exit: int | None = None) -> Record:
    return Record(
        hub=Identity(12, 1.0),
        proxy=None,
        port=8000,
        root_dir=Path("/home/ada"),
        started=STARTED,
        hub_exit=hub_exit,
    )


def observation(*roles: Role, **changes: Any) -> Observation:  # noqa: ANN401 - As the fields
    me = psutil.Process()
    members = tuple(
        ServiceProcess(me, role, Path("/home/ada"), is_inside=False) for role in roles
    )
    well = Observation(
        data=DataDirectory(Path("/data")),
        up="cygnet up",
        record=recorded(),
        inventory=Inventory(members),
        is_answering=True,
        booted=STARTED - HOUR,
        last_words="",
        is_sharing=False,
        server_ending="",
    )
    return replace(well, **changes)


def test_nothing_started_is_no_fault() -> None:
    report = status.report(observation(record=None))

    assert report.code == status.STOPPED
    assert report.lines == ("No service of /data is running.",)


def test_all_well_names_address_and_processes() -> None:
    seen = (Role.HUB, Role.PROXY, Role.SERVER, Role.JVM, Role.SHARING)
    report = status.report(observation(*seen, is_sharing=True))

    assert report.code == status.RUNNING
    assert "http://127.0.0.1:8000/" in report.lines[0]
    assert "/home/ada" in report.lines[0]
    assert [it.split(":")[0].strip() for it in report.lines[1:]] == [
        "hub",
        "proxy",
        "sharing service",
        "notebook server",
    ]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (observation(Role.HUB), "The proxy died"),
        (observation(Role.HUB, Role.PROXY, is_answering=False), "does not answer"),
        (
            observation(Role.HUB, Role.PROXY, server_ending="The server was killed."),
            "The server was killed. Start it again",
        ),
        (
            observation(Role.HUB, Role.PROXY, is_sharing=True),
            "The sharing service died. The hub starts it again",
        ),
        (observation(), "exited without a message"),
        (observation(record=recorded(-9)), "was killed by SIGKILL"),
        (observation(record=recorded(1)), "ended with exit code 1"),
        (observation(booted=STARTED + HOUR), "the machine was restarted"),
        (observation(last_words="x, initiating shutdown..."), "ended by a signal"),
        (observation(Role.PROXY, record=None), "while it was being started"),
        (observation(last_words="a\nlast\n\n"), "hub.log: last"),
    ],
)
def test_what_died_is_reported_with_a_remedy(seen: Observation, words: str) -> None:
    report = status.report(seen)

    assert report.code == status.DIED
    assert words in "\n".join(report.lines)
    remedies = ("`cygnet up`", "start page", "logs/share.log")
    assert any(it in report.lines[-1] for it in remedies)


def test_survivors_are_named() -> None:
    report = status.report(observation(Role.SERVER, Role.KERNEL))

    assert "These processes keep running:" in report.lines
    assert any(it.startswith("  kernel: process") for it in report.lines)
