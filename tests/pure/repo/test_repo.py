"""The gates of the project: what every file must keep to."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
import yaml

from scripts import write_chart, write_settings
from tests.support import source, waits
from tests.support.source import PACKAGES, ROOT

CODE = source.project_files(".py", ".ts", ".scala")
SHIPPED = [it for it in CODE if any(map(it.is_relative_to, PACKAGES.values()))]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_OBJECT = 120
EMPTY_NAMES = {"utils", "helpers", "manager", "common", "base", "misc"}
FRAMEWORKS: dict[str, dict[str, set[str]]] = {
    "cygnet_hub": {
        "pyspark": set(),
        "IPython": set(),
        "ipykernel": set(),
        "kubespawner": {"kubernetes/spawner"},
        "oauthenticator": {"auth/oidc_authenticator"},
        "kubernetes_asyncio": {"kubernetes/api", "kubernetes/spawner"},
    },
    "cygnet_lab": {"pyspark": set(), "IPython": set(), "jupyterhub": set()},
    "spark_connector": {
        "pyspark": {"session"},
        "IPython": {"kernel"},
        "ipywidgets": {"widget"},
    },
    "spark_monitor": {
        "pyspark": {"attach", "progress"},
        "ipykernel": {"kernel", "channel"},
        "ipywidgets": {"widget"},
    },
}
PUBLIC: dict[str, set[str]] = {
    "cygnet_hub": set(),
    "cygnet_lab": {
        "ExtensionPoint",
        "LabExtension",
        "_jupyter_labextension_paths",
        "_jupyter_server_extension_points",
        "_link_jupyter_server_extension",
        "_load_jupyter_server_extension",
        "_start_jupyter_server_extension",
    },
    "spark_connector": {
        "connect",
        "disconnect",
        "explain",
        "load_ipython_extension",
        "status",
        "unload_ipython_extension",
    },
    "spark_monitor": {"load_ipython_extension", "unload_ipython_extension"},
}
# The named borders: what stands behind each of them must go on.
BROAD_EXCEPTS = {
    "extensions/cygnet_lab/share/sharing.py": ["_listen"],
    "extensions/cygnet_lab/share/working_copy.py": ["_attempt"],
    "hub/cygnet_hub/pages/postgresql.py": ["_look_up"],
    "hub/cygnet_share/upkeep.py": ["_attempt"],
    "hub/cygnet_share/viewer/formula.py": ["_converted"],
    "spark_connector/attempt.py": ["run"],
    "spark_connector/executor_monitor.py": ["read"],
    "spark_connector/lock_watch.py": ["_run"],
    "spark_connector/kernel.py": ["_on_message", "_run"],
    "spark_monitor/application.py": ["_follow"],
    "spark_monitor/line.py": ["run"],
}
# Whose purpose is to wait; what waits for a process that has ended or was killed, or
# that a person watches in a terminal; and a lock that others only try to get.
WATCHERS = {
    "hub/cygnet_hub/local/kernel_environment.py": ["_run"],
    "hub/cygnet_hub/kubernetes/preflight_probe.py": ["_accept", "listen"],
    "hub/cygnet_hub/local/proxy.py": ["stop"],
    "hub/cygnet_hub/service/start.py": ["_launch"],
    "spark_connector/connection.py": ["_watch"],
    "spark_connector/gateway.py": ["close"],
    "spark_connector/jvm.py": ["_await_gateway", "wait"],
    "spark_connector/kernel.py": ["_run"],
    "spark_connector/properties.py": ["private_directory"],
    "spark_monitor/interrupt.py": ["_follow"],
}
# Every lock that can hold up a thread, and why nobody waits for it long.
LOCKS = {
    "extensions/cygnet_lab/share/mirror.py": {
        "MERGING": "Notebooks within bounds merge in some seconds; only merges wait.",
    },
    "extensions/cygnet_lab/share/saving.py": {
        "_lock": "A file is renamed; who waits for it are threads for the disk."
    },
    "spark_connector/connection.py": {
        "_guard": "Java and another Python have ten seconds each for their answer.",
    },
    "spark_connector/state_store.py": {"_lock": "Values are replaced in memory."},
    "spark_connector/kernel.py": {"_start": "A thread is started."},
    "spark_monitor/application.py": {
        "_lock": "A frame is published; Java is asked over a line of five seconds.",
    },
    "spark_monitor/cell_outputs.py": {
        "_lock": "Tables in memory are read and written."
    },
}
README_LINES = 120


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE, ids=name)
def test_file_is_short(path: Path) -> None:
    assert source.code_lines(path) <= LONGEST_FILE


@pytest.mark.parametrize("path", CODE, ids=name)
def test_functions_are_short(path: Path) -> None:
    found = source.functions(path)

    assert [it for it in found if it.lines > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", CODE, ids=name)
def test_file_name_says_the_thing(path: Path) -> None:
    assert path.stem.lower() not in EMPTY_NAMES
    assert path.stem.startswith("__") or not path.stem.startswith("_")


@pytest.mark.parametrize("path", [it for it in SHIPPED if it.suffix == ".py"], ids=name)
def test_environment_is_read_in_one_place(path: Path) -> None:
    reads = source.environment_reads(path.read_text())

    assert path.stem in {"environment", "settings"} or reads == []


@pytest.mark.parametrize("path", [it for it in SHIPPED if it.suffix == ".py"], ids=name)
def test_framework_stays_in_its_file(path: Path) -> None:
    package = next(it for it in PACKAGES if path.is_relative_to(PACKAGES[it]))
    used = source.imported(path.read_text())

    allowed = FRAMEWORKS[package]
    module = path.relative_to(PACKAGES[package]).with_suffix("").as_posix()
    assert {it for it in allowed if it in used and module not in allowed[it]} == set()


@pytest.mark.parametrize("path", [it for it in SHIPPED if it.suffix == ".py"], ids=name)
def test_everything_is_caught_at_named_borders_only(path: Path) -> None:
    found = sorted(source.broad_excepts(path.read_text()))

    assert found == BROAD_EXCEPTS.get(name(path), [])


@pytest.mark.parametrize("path", [it for it in SHIPPED if it.suffix == ".py"], ids=name)
def test_nothing_waits_for_ever_but_watchers(path: Path) -> None:
    found = sorted(waits.endless_waits(path.read_text()))

    assert found == WATCHERS.get(name(path), [])


@pytest.mark.parametrize("path", [it for it in SHIPPED if it.suffix == ".py"], ids=name)
def test_no_lock_is_held_for_long(path: Path) -> None:
    found = waits.locks(path.read_text())

    assert found == sorted(LOCKS.get(name(path), {}))


def test_imports_keep_the_contracts() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("package", PUBLIC)
def test_public_surface_is_pinned(package: str) -> None:
    module = import_module(package)

    assert set(getattr(module, "__all__", ())) == PUBLIC[package]
    assert all(hasattr(module, it) for it in PUBLIC[package])


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_the_installed_one_in_ci_and_else_the_clones(package: str) -> None:
    place = Path(str(import_module(package).__file__))

    # Elsewhere it is this clone: one of another clone would pass for it in every test.
    is_ci = os.environ.get("CI") == "true"
    assert "site-packages" in place.parts if is_ci else place.is_relative_to(ROOT)


def test_versions_are_equal() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = json.loads((ROOT / "extensions/package.json").read_text())

    chart = yaml.safe_load((ROOT / "helm/cygnet/Chart.yaml").read_text())
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())

    assert page["version"] == project["version"]
    assert citation["version"] == project["version"]
    assert {chart["version"], chart["appVersion"]} == {project["version"]}


def test_settings_are_documented() -> None:
    written = write_settings.DOCUMENT.read_text()

    # `make docs` writes the page anew.
    assert written == write_settings.text()


@pytest.mark.parametrize("file", write_chart.FILES, ids=name)
def test_chart_is_written_from_its_definitions(file: Path) -> None:
    # `make docs` writes it anew.
    assert file.read_text() == write_chart.FILES[file]()


@pytest.mark.parametrize("file", [*(ROOT / "helm").rglob("templates/**/*.*")], ids=name)
def test_object_of_the_chart_is_alone_and_short(file: Path) -> None:
    text = file.read_text()

    assert len(text.splitlines()) <= LONGEST_OBJECT
    assert len(re.findall(r"^kind:", text, re.MULTILINE)) == (
        file.suffix == ".yaml" and file.stem != "validation"
    )


def test_readme_is_short_with_one_picture() -> None:
    text = (ROOT / "README.md").read_text()

    assert len(text.splitlines()) <= README_LINES
    assert len(re.findall(r"!\[[^\]]+\]\([^)]+\)|<img\b", text)) == 1


def test_readme_and_ci_name_the_same_test_command() -> None:
    script = (ROOT / ".ci/run").read_text().splitlines()

    assert script[-1] == "exec make test"
    assert "make test" in (ROOT / "README.md").read_text()


def test_each_task_of_make_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    docs = "".join(it.read_text() for it in (ROOT / "docs").rglob("*.md"))
    documented = re.findall(r"^\| `make ([a-z-]+)` \|", docs, re.MULTILINE)

    # A task that is not phony does nothing where a file has its name.
    assert targets == phony.split()
    assert sorted(documented) == sorted(targets)


@pytest.mark.parametrize("path", [*(ROOT / "examples").glob("*.ipynb")], ids=name)
def test_example_is_fresh(path: Path) -> None:
    notebook = json.loads(path.read_text())
    nbformat.validate(notebook)

    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert all(it["id"] for it in notebook["cells"])
    assert not any(it.get("outputs") for it in notebook["cells"])


def test_nothing_ignored_is_committed() -> None:
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == []


def test_changelog_has_entry() -> None:
    told = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    fragments = list((ROOT / "changelog.d").glob("*_*.md"))

    assert fragments or re.search(rf"^#+ {re.escape(version)}\b", told, re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    [it for it in source.project_files() if it.suffix not in {".png", ".ico"}],
    ids=name,
)
def test_file_knows_no_machine(path: Path) -> None:
    text = path.read_text()

    assert (
        re.findall(r"/(?:root|work)/|/opt/[w]heels|shared/(?:design|reference)", text)
        == []
    )
    if path.suffix != ".md":
        assert (
            re.findall(r"(?:index-url|find-links|registry)\s*=|_auth[T]oken", text)
            == []
        )


def test_locked_packages_come_from_the_public_registry() -> None:
    lock = (ROOT / "extensions/package-lock.json").read_text()
    hosts = set(re.findall(r'"resolved": "https?://([^/"]+)', lock))

    assert hosts <= {"registry.npmjs.org"}


def git(*arguments: str) -> list[str]:
    result = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()
