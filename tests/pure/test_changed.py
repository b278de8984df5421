"""What a change is found to affect."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from scripts import changed
from scripts.lanes import effect, imports
from scripts.lanes.effect import Choice
from scripts.lanes.imports import Imports
from scripts.lanes.table import TABLE
from tests.support.source import ROOT, project_files


def affected(*paths: str) -> set[str]:
    """Give the words that run what a change affects, readers of files left out."""
    words = effect.words(effect.choices(paths, ROOT), ROOT)
    return set(words) - set(effect.CHECKS) - set(effect.readers(ROOT))


def lanes(words: Iterable[str]) -> set[str]:
    return {it.split("/")[1] if "/" in it else it for it in words}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # What tests import, directly or through a conftest.
        ("tests/hub/test_login.py", {"tests/hub/test_login.py"}),
        ("tests/browser/conftest.py", {"browser"}),
        ("spark_monitor/frame.py", {"pure", "browser", "hub", "spark", "cluster"}),
        ("hub/cygnet_hub/form.py", {"pure", "browser", "hub", "cluster"}),
        ("hub/cygnet_hub/pod.py", {"pure", "cluster"}),
        # What a test writes into a configuration, or starts by its file.
        ("hub/cygnet_hub/oidc.py", {"pure", "hub", "cluster"}),
        ("tests/support/oidc_server.py", {"hub", "cluster"}),
        ("tests/support/probe.py", {"pure", "cluster"}),
        ("tests/cluster/node/init.py", {"cluster"}),
        # What is no Python.
        ("images/hub/Dockerfile", {"pure", "cluster"}),
        ("helm/cygnet/values.yaml", {"pure", "cluster"}),
        ("extensions/src/index.ts", {"page", "pure", "browser", "hub", "cluster"}),
        ("extensions/test/frame.test.ts", {"page", "pure"}),
        ("tests/spark/listener/FrameStorm.scala", {"pure", "spark"}),
        ("tests/data/monitor/frame_running.json", {"page", "pure", "spark"}),
        ("docs/develop.md", set()),
        # What makes everything else, what is gone, what nobody knows.
        ("pyproject.toml", set(effect.EVERY)),
        ("Makefile", set(effect.EVERY)),
        ("tests/conftest.py", set(effect.EVERY) - {"page"}),
        ("hub/cygnet_hub/gone.py", set(effect.EVERY)),
        ("somewhere/else.txt", set(effect.EVERY)),
    ],
)
def test_change_runs_what_it_affects(path: str, expected: set[str]) -> None:
    found = affected(path)

    assert lanes(found) == lanes(expected)
    assert expected <= found or lanes(expected) == expected


def test_every_change_is_checked_and_read() -> None:
    found = effect.words(effect.choices(["docs/develop.md"], ROOT), ROOT)

    assert {"lint", "type", "tests/pure/test_repo.py", "tests/pure/test_wheel.py"} <= {
        *found
    }


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
        'C = "from cygnet_hub.oidc import Login"\nD = Path("x/oidc_server.py")\n'
        'E = ("-m", "tests.cluster.node.init")\n"from cygnet_hub import auth, form"\n'
    )
    modules = ["cygnet_hub.oidc", "cygnet_hub.auth", "cygnet_hub.form", "tests.s.me"]
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
