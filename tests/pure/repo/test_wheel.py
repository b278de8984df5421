"""What the wheel holds, file by file."""

import re
import subprocess
import sys
from importlib.util import find_spec
from zipfile import ZipFile

import pytest

from tests.support.source import PACKAGES, ROOT

DATA = r"cygnet-[\d.]+\.data/data"
INFO = r"cygnet-[\d.]+\.dist-info"
LAB = rf"{DATA}/share/jupyter/labextensions/@cygnet/lab"
CONTENT = [
    r"cygnet_hub/(\w+/)?\w+\.py",
    r"cygnet_hub/local/terminal\.bash",
    r"cygnet_hub/(pages|spawn)/templates/[\w-]+\.html",
    r"cygnet_hub/pages/static/[\w-]+\.(css|js|svg)",
    r"cygnet_hub/examples/flights\.ipynb",
    r"cygnet_lab/(share/)?\w+\.py",
    r"cygnet_share/([\w/]+/)?\w+\.py",
    r"cygnet_share/viewer/templates/[\w-]+\.(css|html)",
    r"spark_connector/\w+\.py",
    r"spark_connector/data/bundles/[\w-]+\.yaml",
    r"spark_connector/data/conf/log4j2\.properties",
    r"spark_monitor/\w+\.py",
    r"spark_monitor/jars/cygnet-listener\.jar",
    rf"{LAB}/(package|install)\.json",
    rf"{LAB}/static/[\w.-]+",
    rf"{DATA}/etc/jupyter/jupyter_server_config\.d/cygnet_lab\.json",
    rf"{DATA}/etc/jupyter/jupyter_nbconvert_config\.json",
    rf"{INFO}/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)",
]
ARTEFACTS = (
    ROOT / "spark_monitor/jars/cygnet-listener.jar",
    ROOT / "extensions/cygnet_lab/labextension/package.json",
)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    if find_spec("hatchling") is None:
        pytest.skip("no hatchling: run `pip install hatchling`")
    if not all(it.exists() for it in ARTEFACTS):
        pytest.skip("no jar or no lab extension: run `make build`")
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_holds_nothing_else(names: list[str]) -> None:
    stated = re.compile("|".join(f"(?:{it})" for it in CONTENT))

    assert [it for it in names if not stated.fullmatch(it)] == []


@pytest.mark.parametrize("pattern", CONTENT)
def test_wheel_holds(pattern: str, names: list[str]) -> None:
    assert any(re.fullmatch(pattern, it) for it in names)


def test_wheel_holds_each_module(names: list[str]) -> None:
    expected = {
        it.relative_to(package.parent).as_posix()
        for package in PACKAGES.values()
        for it in package.rglob("*.py")
    }

    assert expected <= set(names)
