"""What a change is found to affect."""

import subprocess
from pathlib import Path

import pytest

from scripts import changed
from scripts.lanes import effect, imports
from scripts.lanes.effect import Choice
from scripts.lanes.imports import Imports
from scripts.lanes.table import TABLE
from tests.support.source import ROOT, project_files

SERVED = {"browser", "hub", "cluster"}
PYTEST = {"pure", *SERVED, "spark"}


def affected(path: str) -> tuple[set[str], set[str]]:
    """Give the lanes that run as a whole, and those of which some files run.

    What runs for every change is left out.
    """
    words = set(effect.words(effect.choices([path], ROOT), ROOT))
    words -= {*effect.CHECKS, *effect.readers(ROOT)}
    whole = {it for it in words if "/" not in it}
    return whole, {it.split("/")[1] for it in words - whole}


@pytest.mark.parametrize(
    ("path", "whole", "part"),
    [
        # What tests import, directly or through a conftest, and what lanes start.
        ("tests/hub/test_login.py", set(), {"hub"}),
        ("tests/browser/conftest.py", set(), {"browser"}),
        ("tests/conftest.py", set(), PYTEST),
        ("spark_monitor/frame.py", {*SERVED, "spark"}, {"pure"}),
        ("hub/cygnet_hub/local/choice.py", SERVED, {"pure"}),
        (
            "hub/cygnet_hub/kubernetes/pod.py",
            {"cluster"},
            {"pure", "hub", "browser"},
        ),
        # What starts the hub's processes.
        ("hub/cygnet_hub/local/program.py", SERVED, {"pure"}),
        # What a test writes into a configuration, or starts by its file.
        (
            "hub/cygnet_hub/auth/oidc_authenticator.py",
            {"cluster"},
            {"pure", "hub", "browser"},
        ),
        ("tests/support/oidc_server.py", set(), {"hub", "cluster"}),
        ("tests/support/probe.py", set(), {"pure", "cluster"}),
        ("tests/cluster/node/init.py", {"cluster"}, {"pure"}),
        # What is no Python.
        ("images/hub/Dockerfile", {"pure", "cluster"}, set()),
        ("helm/cygnet/values.yaml", {"pure", "cluster"}, set()),
        ("extensions/src/index.ts", {"page", "pure", *SERVED}, set()),
        ("extensions/test/frame.test.ts", {"page", "pure"}, set()),
        ("tests/spark/listener/FrameStorm.scala", {"pure", "spark"}, set()),
        ("spark_monitor/listener/Frames.scala", PYTEST, set()),
        ("tests/data/monitor/frame_running.json", {"page", "pure", "spark"}, set()),
        ("docs/developing/index.md", {"page"}, set()),
        # What makes everything else, what is gone, what nobody knows.
        ("pyproject.toml", set(effect.EVERY), set()),
        ("Makefile", set(effect.EVERY), set()),
        ("scripts/build_jar.py", {*SERVED, "spark"}, set()),
        ("hub/cygnet_hub/gone.py", set(effect.EVERY), set()),
        ("somewhere/else.txt", set(effect.EVERY), set()),
    ],
)
def test_change_runs_what_it_affects(
    path: str, whole: set[str], part: set[str]
) -> None:
    assert affected(path) == (whole, part)


def test_every_change_is_checked_and_read() -> None:
    found = effect.words(effect.choices(["docs/developing/index.md"], ROOT), ROOT)

    tests = {f"tests/pure/repo/test_{it}.py" for it in ("repo", "wheel")}
    assert {"lint", "type", *tests} <= {*found}


def test_every_file_of_the_project_has_a_rule() -> None:
    paths = [it.relative_to(ROOT).as_posix() for it in project_files()]
    others = [it for it in paths if imports.module_of(it) is None]
    lanes_of: dict[str, set[str]] = {it: set() for it in others}
    for choice in effect.choices(others, ROOT):
        lanes_of[choice.because] |= {choice.lane}

    broad = [it for it, found in lanes_of.items() if found >= set(effect.EVERY)]
    assert broad == [".ci/run", "Makefile", "hatch_build.py", "pyproject.toml"]


def test_tables_name_what_is_there() -> None:
    modules = imports.read(ROOT).direct
    for lane, entries in effect.ENTRIES.items():
        assert lane in {it.name for it in TABLE.lanes}
        assert all(imports.read(ROOT).matching(it) for it in entries)
        assert all(it in modules for it in entries if not it.endswith("*"))
    assert {*effect.CHECKS, *effect.EVERY} == {it.name for it in TABLE.lanes}


def test_modules_are_followed_through_others() -> None:
    found = Imports({"a": {"b"}, "b": {"c", "a"}, "c": set(), "p": set(), "p.x": {"c"}})

    assert found.used_by("a") == {"a", "b", "c"}
    assert found.used_by("p.*") == {"p", "p.x", "c"}


def test_text_names_modules_that_run_elsewhere() -> None:
    text = (
        'C = "from cygnet_hub.auth.provider import Id"\nD = Path("x/oidc_server.py")\n'
        'E = ("-m", "tests.cluster.node.init")\n'
        '"from cygnet_hub.pages import handlers, outage"\n'
    )
    modules = [
        "cygnet_hub.auth.provider",
        "cygnet_hub.pages.handlers",
        "cygnet_hub.pages.outage",
        "tests.s.me",
    ]
    modules += ["tests.s.oidc_server", "tests.cluster.node.init", "tests.other"]

    found = imports.mentions(text, "tests.s.me", modules)

    assert set(found) == set(modules) - {"tests.s.me", "tests.other"}


def test_changed_files_are_those_of_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True)

    git("init", "--quiet")
    for name in ("kept", "edited", "gone", "moved ä"):
        (tmp_path / name).write_text(name)
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    (tmp_path / "edited").write_text("other")
    (tmp_path / "gone").unlink()
    git("mv", "moved ä", "there")
    (tmp_path / "new").touch()

    found = changed.changed_files("HEAD", tmp_path)

    assert found == ["edited", "gone", "moved ä", "new", "there"]


def test_reasons_are_given_in_brief() -> None:
    chosen = [Choice("hub", "", it) for it in "abcde"]
    chosen += [Choice("pure", "tests/pure/test_x.py", "a")] * 2

    assert changed.reasons(chosen) == [
        "hub      the whole lane, for a, b, c and 2 more",
        "pure     tests/pure/test_x.py, for a",
    ]
