import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support import kernel_place
from tests.support.hub import RunningHub, Visitor, heading, running_hub
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
    person = hub.owner()
    if person.headline("/hub/home") != "Your server is running":
        page = person.start_server(cores="1", memory="700m", opens="workspace")
        assert "JupyterLab" in page.text, page.text
    return person


@pytest.fixture
def idle(hub: RunningHub) -> Generator[Visitor]:
    """The owner, without a server before the test and after it."""
    end_server(hub)
    yield hub.owner()
    end_server(hub)


def end_server(hub: RunningHub) -> None:
    hub.call("DELETE", f"/users/{hub.settings.owner}/server")
    until(lambda: not hub.server_pids, "the server has ended")


def server(hub: RunningHub) -> psutil.Process:
    """Return the notebook server itself."""
    state = hub.call("GET", f"/users/{hub.settings.owner}").json()
    return psutil.Process(state["servers"][""]["state"]["pid"])


def has_ended(process: psutil.Process) -> bool:
    """Tell whether a process has ended, also when nobody has reaped it."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def lab(hub: RunningHub, path: str) -> str:
    return f"/user/{hub.settings.owner}/{path}"


def answered_by_hub(person: Visitor, path: str) -> httpx.Response | None:
    """Return a page, once the proxy no longer leads to the server that ended."""
    page = person.get(path)
    return None if page.status_code == 502 else page


def api(hub: RunningHub, person: Visitor, method: str, path: str) -> object:
    """Call the notebook server as its page does."""
    person.get(lab(hub, "lab"))
    cookies = [it for it in person.http.cookies.jar if it.name == "_xsrf"]
    (xsrf,) = (it.value for it in cookies if it.path.startswith("/user/"))
    answer = person.http.request(
        method, lab(hub, f"api/{path}"), headers={"X-XSRFToken": xsrf or ""}
    )
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


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


def test_killed_server_is_noticed_and_reported(
    hub: RunningHub, person: Visitor
) -> None:
    api(hub, person, "POST", "kernels")
    root = server(hub)
    kernel = until(root.children, "the kernel has started")[0]

    root.kill()

    until(lambda: "not running" in person.headline("/hub/home"), "it is noticed", 10)
    page = person.get("/hub/home")
    assert "was killed by SIGKILL" in page.text
    assert "memory runs out" in page.text
    asked = until(lambda: answered_by_hub(person, lab(hub, "lab")), "the route is gone")
    assert asked.status_code == 424
    assert "was killed by SIGKILL" in asked.text
    until(lambda: has_ended(kernel), "its kernel has ended")

    person.start_server()
    assert "SIGKILL" not in person.get("/hub/home").text


def test_killed_proxy_is_back_with_its_routes(hub: RunningHub, person: Visitor) -> None:
    killed = hub.proxy()
    root = server(hub)

    killed.kill()

    until(lambda: not killed.is_running() and hub.answers(), "the proxy is back")
    assert "The proxy died and is started again" in hub.log
    assert heading(person.get("/hub/home")) == "Your server is running"
    assert person.get(lab(hub, "lab")).is_success
    assert server(hub) == root


def test_hub_that_was_killed_finds_its_server_again(
    hub: RunningHub, person: Visitor
) -> None:
    api(hub, person, "POST", "kernels")
    root = server(hub)
    kernels = api(hub, person, "GET", "kernels")

    hub.stop(signal.SIGKILL)
    assert root.is_running()
    hub.start()

    assert heading(person.get("/hub/home")) == "Your server is running"
    assert server(hub) == root
    found = api(hub, person, "GET", "kernels")
    assert isinstance(found, list)
    assert isinstance(kernels, list)
    assert [it["id"] for it in found] == [it["id"] for it in kernels]

    root.kill()
    until(lambda: "not running" in person.headline("/hub/home"), "it is noticed", 10)
    assert "without a request to stop" in person.get("/hub/home").text


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


def test_server_that_died_without_a_hub_is_reported(
    hub: RunningHub, person: Visitor
) -> None:
    root = server(hub)

    hub.stop(signal.SIGKILL)
    root.kill()
    hub.start()

    assert person.headline("/hub/home") == "Your server is not running"
    assert "without a request to stop" in person.get("/hub/home").text


def test_hub_that_was_killed_while_a_server_started_finds_it(
    hub: RunningHub, idle: Visitor
) -> None:
    idle.submit(idle.get("/hub/spawn"))
    until(lambda: hub.server_pids, "the server's process exists")

    hub.stop(signal.SIGKILL)
    hub.start()

    until(
        lambda: idle.headline("/hub/home") == "Your server is running",
        "the server is adopted",
    )
    assert idle.get(lab(hub, "lab")).is_success


def test_hub_that_is_stopped_ends_its_server(hub: RunningHub, person: Visitor) -> None:
    assert person.get("/hub/home").is_success
    assert hub.server_pids

    hub.stop()

    assert not hub.server_pids
    hub.start()
