"""What tests of the spawner of one machine ask of a hub and its notebook server."""

import httpx
import psutil

from tests.support.hub import RunningHub, Visitor
from tests.support.waiting import until


def owner_with_server(hub: RunningHub) -> Visitor:
    """Give the owner with a server that runs, started unless it does already."""
    owner = hub.owner()
    if owner.headline("/hub/home") != "Your server is running":
        page = owner.start_server(cores="1", memory="700m", opens="workspace")
        assert "JupyterLab" in page.text, page.text
    return owner


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
