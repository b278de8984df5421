"""What the start of a user's image makes real programs trust."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from scripts.build_lab import find_node
from tests.support.authority import Authority, https_server, make_authority
from tests.support.source import ROOT

TRUST = ROOT / "images/user/files/bin/trust"
ANSWER = f"{'1' * 40}\trefs/heads/main\n"
"""What a folder of Git answers where branches are asked for."""
FETCH = "fetch(process.argv[1]).then(it => it.text()).then(console.log)"


def program(name: str) -> str:
    """Find a program, or skip the test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"The program {name} is missing: `apt-get install {name}`.")
    return found


def curl(url: str) -> list[str]:
    return [program("curl"), "--silent", "--show-error", url]


def git(url: str) -> list[str]:
    return [program("git"), "ls-remote", url]


def node(url: str) -> list[str]:
    return [str(find_node().node), "--eval", FETCH, url]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def url(authority: Authority) -> Generator[str]:
    with https_server(authority, ANSWER) as port:
        yield f"https://localhost:{port}/site"


def trusting(
    folder: Path, command: list[str], **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program as servers and executors run theirs."""
    script = TRUST.read_text()
    for place, here in (
        ("/opt/cygnet/kernel/bin/python", sys.executable),
        ("/tmp/cygnet-authorities.pem", str(folder / "authorities.pem")),  # noqa: S108 - The pod's.
    ):
        assert place in script
        script = script.replace(place, here)
    return subprocess.run(
        ["sh", "-euc", f'{script}\nexec "$@"', "sh", *command],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [curl, git, node], ids=lambda it: it.__name__)
def test_program_trusts_the_authorities_of_the_site(
    tmp_path: Path, authority: Authority, url: str, command: Callable[[str], list[str]]
) -> None:
    site = {"CYGNET_EXTRA_CA": str(authority.certificate)}

    done = trusting(tmp_path, command(url), **site)
    refused = trusting(tmp_path, command(url))

    assert ANSWER.strip() in done.stdout, done.stderr
    assert refused.returncode != 0
    assert "certificate" in refused.stderr.lower()
    assert ANSWER.strip() not in refused.stdout
