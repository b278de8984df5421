"""What can be reached and found from where this runs; it needs Python alone.

`tests.support.inside` sends this file with its questions to the standard input of a
pod's Python, so nothing of a question is on a command line or in a variable there.
"""

import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PATIENCE_S = 4.0
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CHUNK = 1 << 24
NO_FILES = {"/proc", "/sys", "/dev"}


def reach(host: str, port: int) -> str:
    """Say how an attempt to connect ends: `open`, `refused`, `silent` or why."""
    try:
        with socket.create_connection((host, port), PATIENCE_S):
            return "open"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"
    except OSError as error:
        return str(error)


def reach_all(places: list[tuple[str, int]]) -> list[str]:
    """Try several places at once: silence takes as long as patience lasts."""
    with ThreadPoolExecutor(max(len(places), 1)) as pool:
        return list(pool.map(lambda it: reach(*it), places))


def ask(
    url: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: object = None,
    authority: str | None = None,
) -> dict[str, Any]:
    """Send a request, follow nothing, and return the status with some of the text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)  # noqa: S310 - Of the test.
    # Who the other side is does not matter where the question is who may reach it.
    context = (
        ssl.create_default_context(cafile=authority)
        if authority
        else ssl._create_unverified_context()  # noqa: S323, SLF001
    )
    # A bare opener takes redirects and errors for the answers that they are.
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=4 * PATIENCE_S) as answer:
            return {"status": answer.status, "text": text(answer.read())}
    except OSError as error:
        return {"status": 0, "text": str(error)}


def text(data: bytes) -> str:
    """Return the beginning of an answer."""
    return data[:4000].decode(errors="replace")


def kubernetes(
    path: str,
    method: str = "GET",
    body: object = None,
    kind: str = "application/json",
) -> dict[str, Any]:
    """Ask the Kubernetes API with the pod's own token, or with none."""
    token = ACCOUNT / "token"
    headers = {"Content-Type": kind}
    if token.exists():
        headers["Authorization"] = f"Bearer {token.read_text()}"
    url = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}{path}"
    authority = ACCOUNT / "ca.crt"
    known = str(authority) if authority.exists() else None
    return ask(url, method, headers, body, known)


def claims() -> dict[str, Any] | None:
    """Return what the pod's token says of itself, or nothing without a token."""
    token = ACCOUNT / "token"
    if not token.exists():
        return None
    middle = token.read_text().split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(middle + "==")))


def variable(name: str) -> str:
    """Return a variable of the environment that the pod's container starts with."""
    entries = Path("/proc/1/environ").read_text().split("\0")
    return dict(it.split("=", 1) for it in entries if "=" in it).get(name, "")


def hunt(values: list[str], plant: str | None = None) -> list[list[str]]:
    """Return the places of this pod that hold each of the values.

    Looked through are all files that can be read, and the environment and the
    command line of all processes. A planted value is put into one of each kind of
    place first, which shows that the search finds; its places come last.
    """
    needles = [it.encode() for it in values]
    if plant is None:
        found = {*in_processes(needles), *in_files(needles)}
        return [sorted(place for it, place in found if it == one) for one in needles]
    with tempfile.NamedTemporaryFile("w", suffix="planted") as file:
        file.write("x" * (CHUNK - len(plant) // 2) + plant)
        file.flush()
        with subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)", plant],
            env={"PLANTED": plant},
        ) as process:
            try:
                return hunt([*values, plant])
            finally:
                process.kill()


def in_processes(needles: list[bytes]) -> Iterator[tuple[bytes, str]]:
    """Give the needles that the environment or command line of a process holds."""
    for process in Path("/proc").glob("[0-9]*"):
        for part in ("environ", "cmdline"):
            try:
                data = (process / part).read_bytes()
            except OSError:
                continue
            yield from ((it, f"{part} of a process") for it in needles if it in data)


def in_files(needles: list[bytes]) -> Iterator[tuple[bytes, str]]:
    """Give the needles that files hold."""
    for folder, folders, names in os.walk("/"):
        if folder in NO_FILES:
            folders.clear()
            continue
        for name in names:
            path = Path(folder, name)
            if path.is_file():
                yield from ((it, str(path)) for it in in_file(path, needles))


def in_file(path: Path, needles: list[bytes]) -> set[bytes]:
    """Give the needles that a file holds, across the borders of chunks too."""
    overlap = max(map(len, needles), default=1) - 1
    found: set[bytes] = set()
    rest = b""
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                data = rest + data
                found.update(it for it in needles if it in data)
                rest = data[-overlap:] if overlap else b""
    except OSError:
        pass
    return found


FUNCTIONS = (reach, reach_all, ask, kubernetes, claims, variable, hunt)
QUESTIONS = {it.__name__: it for it in FUNCTIONS}


def answers(questions: list[list[Any]]) -> list[Any]:
    """Answer each question: its name, then its arguments by name."""
    return [QUESTIONS[name](**arguments) for name, arguments in questions]
