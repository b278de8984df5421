import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from tests.support import kernel_place
from tests.support.hub import RunningHub, Visitor, heading, running_hub
from tests.support.spawned import (
    api,
    end_server,
    has_ended,
    lab,
    owner_with_server,
    server,
)
from tests.support.waiting import until

MARKED_CHILD = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', "
    "'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "time.sleep(600)'], start_new_session=True)"
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    bundles = tmp_path_factory.mktemp("bundles")
    directory = tmp_path_factory.mktemp("spawn")
    kernel_place.traps(directory / "work", directory / "ran.log")
    with running_hub(directory, bundle_dirs=(bundles,)) as hub:
        yield hub


@pytest.fixture
def person(hub: RunningHub) -> Visitor:
    """The owner, with a server that may have run before the test."""
    return owner_with_server(hub)


@pytest.fixture
def idle(hub: RunningHub) -> Generator[Visitor]:
    """The owner, without a server before the test and after it."""
    end_server(hub)
    yield hub.owner()
    end_server(hub)


def test_server_has_what_was_chosen_and_nothing_of_the_hub(
    hub: RunningHub, person: Visitor
) -> None:
    env = server(hub).environ()

    assert person.get(lab(hub, "")).url.path == lab(hub, "lab")
    assert env["CYGNET_SPARK_CORES"] == "1"
    assert env["CYGNET_SPARK_MEMORY"] == "700m"
    assert env["CYGNET_BUNDLES"] == str(hub.settings.bundle_dirs[0])
    assert env["JUPYTER_PATH"].split(os.pathsep)[0] == str(hub.data_dir / "jupyter")
    assert env["HOME"] == os.environ["HOME"]
    path = env["PATH"].split(os.pathsep)
    assert path[0] == str(hub.data_dir / "kernels" / "python" / "bin")
    assert str(Path(sys.executable).parent) not in path
    assert "CYGNET_SETTINGS" not in env
    assert server(hub).cwd() == str(hub.settings.root_dir)


def test_nothing_of_the_directory_runs_as_the_server_starts(
    hub: RunningHub, person: Visitor
) -> None:
    assert person.get(lab(hub, "api/status")).is_success
    traps = list(hub.settings.root_dir.glob("*.py"))
    assert traps
    assert not (hub.data_dir.parent / "ran.log").exists()
    # The kernels of these tests are ipykernel's own, which look there first.
    for trap in traps:
        trap.unlink()


def test_server_writes_with_the_owners_umask(hub: RunningHub, person: Visitor) -> None:
    api(hub, person, "POST", "contents")

    (made,) = hub.settings.root_dir.glob("untitled*")
    mine = made.with_name("mine")
    mine.touch()
    assert made.stat().st_mode & 0o777 == mine.stat().st_mode & 0o777
    made.unlink()


def test_kernels_of_the_data_directory_come_first(
    hub: RunningHub, person: Visitor
) -> None:
    spec = hub.data_dir / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        '{"argv": ["python"], "display_name": "Ours", "language": "python"}',
        encoding="utf-8",
    )

    specs = api(hub, person, "GET", "kernelspecs")

    assert isinstance(specs, dict)
    assert specs["kernelspecs"]["python3"]["spec"]["display_name"] == "Ours"
    spec.unlink()
    spec.parent.rmdir()


def test_everything_listens_on_loopback_alone(hub: RunningHub, person: Visitor) -> None:
    assert hub.process is not None
    kernel = api(hub, person, "POST", "kernels")
    until(lambda: len(hub.server_pids) > 1, "the kernel has started")
    ours = {hub.process.pid, hub.proxy().pid} | hub.server_pids
    listening = [
        it.laddr
        for it in psutil.net_connections("all")
        if it.pid in ours and it.status == psutil.CONN_LISTEN and it.laddr
    ]

    assert {it.ip for it in listening} == {"127.0.0.1"}
    assert {hub.settings.port, hub.settings.hub_port, hub.settings.proxy_api_port} < {
        it.port for it in listening
    }
    assert isinstance(kernel, dict)
    api(hub, person, "DELETE", f"kernels/{kernel['id']}")


def test_secrets_are_readable_by_the_owner_alone(
    hub: RunningHub, person: Visitor
) -> None:
    person.get("/hub/home")
    files = [it for it in hub.data_dir.rglob("*") if it.is_file()]
    names = {it.name for it in files}
    secret = [it for it in files if it.parent == hub.data_dir or "proxy" in it.parts]

    assert {"hub.sqlite", "cookie_secret", "rules.toml", "server.log"} <= names
    assert [it for it in secret if it.stat().st_mode & 0o077] == [
        hub.data_dir / "test_config.py"
    ]
    assert hub.data_dir.stat().st_mode & 0o077 == 0


def test_server_log_holds_no_token(hub: RunningHub, person: Visitor) -> None:
    person.get(lab(hub, "lab"))
    env = server(hub).environ()
    log = (hub.data_dir / "logs" / "server.log").read_text(encoding="utf-8")

    assert env["JUPYTERHUB_API_TOKEN"] not in log
    assert env["JUPYTERHUB_API_TOKEN"] not in hub.log


def test_last_choice_is_remembered(hub: RunningHub, person: Visitor) -> None:
    person.submit(person.get("/hub/home"))
    until(lambda: not hub.server_pids, "the server has ended")

    page = person.get("/hub/spawn")

    assert 'value="700m"' in page.text
    assert '<option value="workspace" selected>' in page.text
    assert hub.call("POST", f"/users/{hub.settings.owner}/server").is_success
    until(lambda: "running" in person.headline("/hub/home"), "the server runs")
    assert server(hub).environ()["CYGNET_SPARK_MEMORY"] == "700m"


def test_stop_ends_the_whole_tree(hub: RunningHub, person: Visitor) -> None:
    api(hub, person, "POST", "kernels")
    root = server(hub)
    kernel = until(root.children, "the kernel has started")[0]
    stubborn = _start_stubborn(kernel)

    page = person.submit(person.get("/hub/home"))
    until(lambda: "not running" in person.headline("/hub/home"), "it has stopped")

    assert page.is_success
    assert not hub.server_pids
    assert [it for it in (root, kernel, stubborn) if not has_ended(it)] == []
    assert "without a request to stop" not in person.get("/hub/home").text


def _start_stubborn(kernel: psutil.Process) -> psutil.Process:
    """Start a program as a kernel would: its environment, another session."""
    subprocess.run(
        [sys.executable, "-c", MARKED_CHILD], env=kernel.environ(), check=True
    )
    found = [it for it in psutil.process_iter() if "SIG_IGN" in " ".join(_line(it))]
    return found[-1]


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_progress_is_shown_in_sentences(idle: Visitor) -> None:
    page = idle.submit(idle.get("/hub/spawn"))
    assert heading(page) == "Starting your server"
    assert "http-equiv" in page.text
    events = re.search(r'data-events="([^"]+)"', page.text)
    assert events

    stream = idle.get(events[1].replace("&amp;", "&"))

    told = re.findall(r'"message": "([^"]*)"', stream.text)
    assert told[0] == "Server requested"
    assert "Starting the notebook server" in stream.text
    assert "Waiting for the notebook server to answer" in stream.text
    assert '"ready": true' in stream.text


def test_rescue_start_passes_what_is_broken(hub: RunningHub, idle: Visitor) -> None:
    config = Path(hub.environment["JUPYTER_CONFIG_DIR"])
    config.mkdir(exist_ok=True)
    broken = config / "jupyter_server_config.py"
    broken.write_text("raise SystemExit('a broken file of my own')")
    kernels = Path(hub.environment["JUPYTER_DATA_DIR"]) / "kernels" / "mine"
    kernels.mkdir(parents=True)
    (kernels / "kernel.json").write_text(
        '{"argv": ["x"], "display_name": "Mine", "language": "x"}'
    )
    fields = {"cores": "1", "memory": "700m", "opens": "workspace"}

    # The control: the usual start fails, and its page offers the other one.
    page = idle.start_server(**fields)
    assert page.status_code == 503
    assert "a broken file of my own" in page.text
    later = idle.get(f"/hub/spawn-pending/{hub.settings.owner}")
    (offered,) = re.findall(r'href="([^"]+start=rescue)"', later.text)
    form = idle.get(offered.replace("&amp;", "&"))
    assert '<option value="rescue" selected>' in form.text

    page = idle.start("/hub/spawn", **fields, start="rescue")
    assert "JupyterLab" in page.text, page.text
    specs = api(hub, idle, "GET", "kernelspecs")
    assert isinstance(specs, dict)
    assert "mine" not in specs["kernelspecs"]
    # It is proposed to nobody twice.
    end_server(hub)
    assert '<option value="usual" selected>' in idle.get("/hub/spawn").text
    broken.unlink()
