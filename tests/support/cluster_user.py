"""Somebody who uses a service on Kubernetes by HTTP alone, as a browser would.

`ClusterUser` logs in, fills in the form, waits for the server and talks to it: to
its REST API and to kernels. It is all that tests of pods, Spark and faults need of
the pages; what these look like is tested in Chromium.
"""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self, TypeVar
from urllib.parse import urlsplit

import httpx
from websocket import WebSocket, create_connection

from tests.support import waiting

SLOW_S = 180.0
"""Longer than anything takes that works, with an image that is on the node."""
WAITING = ("Starting your server", "Your server is stopping")
Found = TypeVar("Found")


def until(
    condition: Callable[[], Found | None], what: str, timeout: float = SLOW_S
) -> Found:
    """Wait until the condition returns something true, and return that."""
    return waiting.until(condition, what, timeout)


def heading(page: httpx.Response) -> str:
    """Return the heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return " ".join(found[1].split())


@dataclass
class Executed:
    """What a cell did."""

    text: str = ""
    """What it printed, with the last expression's value."""
    error: str = ""
    """The error's name and message; empty when there was none."""
    data: list[dict[str, object]] = field(default_factory=list)
    """The MIME bundles that it displayed."""


class ClusterUser:
    """A person with cookies.

    The service is found at `url`, such as ``http://10.96.1.2:8000``.
    """

    def __init__(self, url: str, name: str = "owner") -> None:
        self.url = url.rstrip("/")
        self.name = name
        self.http = httpx.Client(
            base_url=self.url, follow_redirects=True, timeout=SLOW_S
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.http.close()

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the first form of a page, with its hidden fields."""
        form = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)[0]
        action = re.search(r'<form[^>]*\baction="([^"]+)"', form)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        url = action[1].replace("&amp;", "&") if action else str(page.url)
        return self.http.post(url, data=dict(hidden) | fields)

    def log_in(self, link: str) -> Self:
        """Spend a login link that was made for any address of the service."""
        parts = urlsplit(link)
        page = self.get(f"{parts.path}?{parts.query}")
        answer = self.submit(page)
        assert answer.is_success, answer.text
        return self

    def ask_to_start(self, server: str = "", **fields: str) -> httpx.Response:
        """Send the start form; fields that are not given keep what is proposed."""
        path = f"/hub/spawn/{self.name}/{server}" if server else "/hub/spawn"
        return self.submit(self.get(path), **fields)

    def start(self, server: str = "", **fields: str) -> httpx.Response:
        """Start a server, wait until the start is over, and return its page.

        It is JupyterLab's when the server runs; else one that says why not.
        """
        answer = self.ask_to_start(server, **fields)
        if "spawn-pending" not in answer.url.path:
            return answer
        return until(lambda: self._ended_start(answer), "the start is over")

    def _ended_start(self, pending: httpx.Response) -> httpx.Response | None:
        page = self.get(pending.url.path)
        return None if any(f"<h1>{it}</h1>" in page.text for it in WAITING) else page

    def progress(self, server: str = "") -> Iterator[dict[str, object]]:
        """Yield what the waiting page is told, until the start is over."""
        path = f"/hub/api/users/{self.name}/server{'s/' + server if server else ''}"
        headers = {"Accept": "text/event-stream"}
        with self.http.stream("GET", f"{path}/progress", headers=headers) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    yield event
                    if event.get("ready") or event.get("failed"):
                        return

    def stop(self, server: str = "") -> None:
        """Stop a server, and wait until it is gone."""
        self.call_hub("DELETE", f"/users/{self.name}/servers/{server}")
        until(lambda: not self.model(server), f"server {server!r} stopped")

    def model(self, server: str = "") -> dict[str, object] | None:
        """Return what the hub says about a server; ``None`` when there is none."""
        user = self.call_hub("GET", f"/users/{self.name}").json()
        found = user["servers"].get(server)
        return found if found and not found.get("stopped") else None

    def call_hub(self, method: str, path: str) -> httpx.Response:
        """Call the hub's REST API as this person."""
        token = self.http.cookies.get("_xsrf", path="/hub/") or self.http.cookies.get(
            "_xsrf"
        )
        headers = {"X-XSRFToken": token or ""}
        return self.http.request(method, f"/hub/api{path}", headers=headers)

    def server_path(self, server: str = "") -> str:
        """Return the path of a server's own pages."""
        return f"/user/{self.name}/{server + '/' if server else ''}"

    def lab(self, path: str, server: str = "") -> httpx.Response:
        """Get something from the notebook server, such as ``api/status``."""
        return self.get(self.server_path(server) + path)

    def _server_headers(self, server: str) -> dict[str, str]:
        place = self.server_path(server)
        if not self._xsrf(place):
            # JupyterLab's page logs in at the hub and sets the cookies.
            self.lab("lab", server)
        return {"X-XSRFToken": self._xsrf(place)}

    def _xsrf(self, place: str) -> str:
        found = [
            it.value
            for it in self.http.cookies.jar
            if it.name == "_xsrf" and it.path == place
        ]
        return str(found[0]) if found else ""

    def post_lab(
        self, path: str, content: object = None, server: str = ""
    ) -> httpx.Response:
        """Post JSON to the notebook server."""
        return self.http.post(
            self.server_path(server) + path,
            json=content,
            headers=self._server_headers(server),
        )

    def kernel(self, server: str = "") -> str:
        """Start a kernel and return its id."""
        answer = self.post_lab("api/kernels", {"name": "python3"}, server)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    @contextmanager
    def channels(self, kernel: str, server: str = "") -> Iterator[WebSocket]:
        """Open a kernel's WebSocket."""
        self._server_headers(server)
        place = f"{self.server_path(server)}api/kernels/{kernel}/channels"
        cookies = "; ".join(
            f"{it.name}={it.value}"
            for it in self.http.cookies.jar
            if self.server_path(server).startswith(it.path)
        )
        url = self.url.replace("http", "ws", 1) + place
        socket = create_connection(url, cookie=cookies, timeout=SLOW_S)
        try:
            yield socket
        finally:
            socket.close()

    def run(
        self, kernel: str, code: str, server: str = "", timeout: float = SLOW_S
    ) -> Executed:
        """Run code in a kernel and wait until it is done."""
        with self.channels(kernel, server) as socket:
            message = uuid.uuid4().hex
            socket.send(json.dumps(_execute(message, code)))
            executed = Executed()
            deadline = time.monotonic() + timeout
            while True:
                socket.settimeout(max(deadline - time.monotonic(), 0.01))
                answer = json.loads(socket.recv())
                if answer.get("parent_header", {}).get("msg_id") != message:
                    continue
                if _take(executed, answer):
                    return executed


def _execute(message: str, code: str) -> dict[str, object]:
    """Write the message that runs code."""
    return {
        "channel": "shell",
        "header": {
            "msg_id": message,
            "msg_type": "execute_request",
            "username": "",
            "session": uuid.uuid4().hex,
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "content": {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
    }


def _take(executed: Executed, answer: dict[str, dict[str, str]]) -> bool:
    """Keep what a message says; tell whether it is the last one."""
    content = answer["content"]
    match answer["header"]["msg_type"]:
        case "stream":
            executed.text += content["text"]
        case "execute_result" | "display_data":
            data = json.loads(json.dumps(content["data"]))
            executed.data.append(data)
            executed.text += str(data.get("text/plain", ""))
        case "error":
            executed.error = f"{content['ename']}: {content['evalue']}"
        case "status":
            return content["execution_state"] == "idle"
        case _:
            pass
    return False
