"""The kernels' environment is apart from the service's, and whole or absent."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import kernel_environment
from cygnet_hub.local.kernel_environment import Wanted

from tests.support.command import Command
from tests.support.waiting import until

SMALL = Wanted(("six",), json.dumps({"python": "{}.{}".format(*sys.version_info)}))
# What a cell, a script, a program and an installer take for the environment.
SEEN = """
code = "import sys; print(sys.prefix)"
!python -c "{code}"
get_ipython().run_cell_magic("bash", "", f"python3 -c '{code}'")
import os, sys
print(os.popen(f"python -c '{code}'").read().strip())
print(os.environ["VIRTUAL_ENV"])
"""


def make(data_dir: Path, want: Wanted = SMALL) -> list[str]:
    lines: list[str] = []
    kernel_environment.ensure(DataDirectory(data_dir), want, lines.append)
    return lines


def packages(data_dir: Path) -> set[str]:
    python = DataDirectory(data_dir).kernels / "bin" / "python"
    listing = subprocess.run(
        [python, "-m", "pip", "list", "--format=json"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {it["name"] for it in json.loads(listing)}


def test_environment_is_made_once_and_offered(tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)

    assert len(first) == 2
    assert second == []
    assert packages(tmp_path) >= {"pip", "six"}
    spec = json.loads((tmp_path / "jupyter/kernels/python3/kernel.json").read_text())
    environment = DataDirectory(tmp_path).kernels
    assert spec["argv"][0] == str(environment / "bin" / "python")
    assert spec["display_name"] == "Python (Cygnet)"
    config = environment / "etc/ipython/ipython_kernel_config.py"
    names = '["spark_connector.folder", "spark_monitor", "spark_connector"]'
    assert names in config.read_text()
    own = environment / "share/jupyter/kernels/python3/kernel.json"
    assert json.loads(own.read_text()) == spec
    # What an older version wrote is brought up to date.
    config.write_text("")
    assert make(tmp_path) == []
    assert names in config.read_text()


def test_new_wish_is_added_and_what_the_user_added_stays(tmp_path: Path) -> None:
    make(tmp_path)
    python = DataDirectory(tmp_path).kernels / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "toolz"], check=True)
    more = json.dumps(json.loads(SMALL.stamp) | {"packages": ["iniconfig"]})

    make(tmp_path, Wanted(("six", "iniconfig"), more))

    assert packages(tmp_path) >= {"six", "toolz", "iniconfig"}


def test_settings_of_the_folder_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "uv.toml").write_text('required-version = "==0.0.1"\n')
    monkeypatch.chdir(folder)

    make(tmp_path)

    assert "six" in packages(tmp_path)


def test_half_made_environment_is_made_again(tmp_path: Path) -> None:
    environment = DataDirectory(tmp_path).kernels
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / "rubbish").touch()

    make(tmp_path)

    assert not (environment / "rubbish").exists()
    assert "six" in packages(tmp_path)


def test_broken_off_creation_is_not_taken_for_good(cygnet: Command) -> None:
    (cygnet.data_dir / "kernels").unlink()
    terminal = cygnet.type("up")
    terminal.wait_for("Installing Spark and the kernels' packages")

    terminal.press_ctrl_c()

    assert terminal.ended() == 130
    assert not kernel_environment.is_complete(cygnet.data.kernels)
    until(lambda: cygnet.pids == frozenset(), "uv has ended too")


def test_conflicting_tornado_does_not_break_the_service(
    cygnet: Command, kernels: Path
) -> None:
    own = cygnet.data_dir / "kernels"
    own.unlink()
    # Linked files: pip replaces files and never writes into one.
    shutil.copytree(kernels, own, symlinks=True, copy_function=os.link)
    cygnet.detached()
    with cygnet.notebook() as notebook:
        said = notebook.run("%pip install --no-deps 'tornado<6'")
        assert "Successfully installed tornado-5" in said
        prefix = notebook.run("import sys; print(sys.prefix)")
        assert prefix.strip() == str(own / "python")
        # The copy's own `pip` names the Python of the environment it was copied from.
        said = notebook.run("!python -m pip install --no-deps 'iniconfig<2'")
        assert "Successfully installed iniconfig-1" in said
        found = notebook.run("import iniconfig; print(iniconfig.__file__)")
        assert Path(found.strip()).is_relative_to(own)
        assert notebook.run(SEEN).splitlines() == [str(own / "python")] * 4

    assert cygnet.hub.answers()
    assert cygnet.ask_server("GET", "status")
    assert cygnet.run("stop", "--yes").returncode == 0
    assert cygnet.run("up", "--detach").returncode == 0


def test_sigterm_ends_a_creation_too(cygnet: Command) -> None:
    (cygnet.data_dir / "kernels").unlink()
    terminal = cygnet.type("up")
    terminal.wait_for("Installing Spark and the kernels' packages")

    terminal.process.send_signal(signal.SIGTERM)

    assert terminal.ended() != 0
    until(lambda: cygnet.pids == frozenset(), "uv has ended too")
