import json
import logging
import os
from types import SimpleNamespace
from typing import Any

import cygnet_lab
import pytest
from cygnet_lab.shared_file import SharedFileHandler
from jupyter_server.extension.manager import ExtensionPackage
from jupyter_server.services.contents.manager import ContentsManager
from traitlets.config import Config

from tests.support.source import ROOT

FRONT_END = ROOT / "extensions"


def test_notebook_server_can_load_the_extension(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made: Any = ExtensionPackage
    package = made(name="cygnet_lab", enabled=True)
    server = SimpleNamespace(
        log=logging.getLogger("cygnet-test"), config=Config(), identity_provider=None
    )

    with caplog.at_level(logging.INFO):
        package.load_all_points(server)

    assert list(package.extension_points) == ["cygnet_lab"]
    assert caplog.messages == ["Cygnet's pages are loaded"]


def test_kernels_inherit_no_place_that_depends_on_their_folder(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ":/opt/site")
    monkeypatch.setenv("JAVA_HOME", "jdk")
    monkeypatch.setenv("CYGNET_LEFT_OUT", "")
    server: Any = SimpleNamespace(
        log=logging.getLogger("cygnet-test"), config=Config(), identity_provider=None
    )

    cygnet_lab._load_jupyter_server_extension(server)  # noqa: SLF001 - As below.

    assert os.environ["PYTHONPATH"] == "/opt/site"
    assert "JAVA_HOME" not in os.environ
    assert [it.partition(":")[0] for it in caplog.messages] == [
        "PYTHONPATH",
        "JAVA_HOME",
    ]


def test_notebook_server_is_configured_to_load_the_extension() -> None:
    config = json.loads((FRONT_END / "cygnet_lab.json").read_text())

    assert config == {"ServerApp": {"jpserver_extensions": {"cygnet_lab": True}}}


def test_built_extension_lies_where_it_is_looked_for() -> None:
    package = json.loads((FRONT_END / "package.json").read_text())

    # The name is Jupyter's: it is public in spite of its underscore.
    [told] = cygnet_lab._jupyter_labextension_paths()  # noqa: SLF001

    assert told["dest"] == package["name"]
    assert f"cygnet_lab/{told['src']}" == package["jupyterlab"]["outputDir"]


def test_files_of_others_are_served_by_what_keeps_them_quiet() -> None:
    server: Any = SimpleNamespace(config=Config())

    cygnet_lab._link_jupyter_server_extension(server)  # noqa: SLF001 - As above.

    made = ContentsManager(config=server.config)
    assert made.files_handler_class is SharedFileHandler
