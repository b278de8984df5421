"""A site that shows attacks in three ways, and the thief that they report to.

`/shown/` is the viewer's page with its headers, `/list/` another page of the service;
`/bare/` the attack itself with the
headers, as if the renderer had let everything pass; `/open/` the attack alone.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cygnet_share.viewer import body
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import Frame, page
from cygnet_share.viewer.policy import HEADERS
from typing_extensions import override

from tests.support.port import free_ports

COOKIE = "session=secret"
HUB = "/hub/"
"""Below it is what a page of the site must not ask for."""


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses, and who asked for what."""

    address: str
    thief: str
    stolen: list[str] = field(default_factory=list)
    """The requests that came to the thief."""
    asked: list[str] = field(default_factory=list)
    """The requests that came to the hub."""
    cookies: list[str] = field(default_factory=list)
    """What came with each request for a document, in order."""
    served: set[str] = field(default_factory=set)
    """The documents that were sent."""
    documents: dict[str, Document] = field(default_factory=dict)
    """By the ends of their addresses, what the site shows."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """By their names, pages that are not of one file."""

    def add(self, name: str, document: Document) -> str:
        """Show a document of a share from now on, and give the end of its address."""
        end = f"{name.replace(' ', '-')}/{document.path}"
        self.documents[end] = document
        return end

    def end(self, name: str) -> str:
        """Give the end of the address of the first document of a share."""
        start = f"{name.replace(' ', '-')}/"
        return next(it for it in self.documents if it.startswith(start))

    def framed(self, way: str) -> str:
        """Give the address of a page that frames all documents."""
        return f"{self.address}/frames/{way}"

    def forget(self) -> None:
        """Forget all requests."""
        self.served.clear()
        self.stolen.clear()
        self.asked.clear()


@contextmanager
def viewer_site() -> Generator[Site]:
    """Run a site and its thief."""
    own, other = free_ports(2)
    # Another host to the browser, so that cookies show who sent them.
    site = Site(f"http://127.0.0.1:{own}", f"http://localhost:{other}")
    servers = [
        ThreadingHTTPServer(("127.0.0.1", own), _site_handler(site)),
        ThreadingHTTPServer(("127.0.0.1", other), _thief_handler(site)),
    ]
    threads = [Thread(target=it.serve_forever, daemon=True) for it in servers]
    for it in threads:
        it.start()
    try:
        yield site
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(timeout=60)


class _Handler(BaseHTTPRequestHandler):
    """Answers, and writes no log."""

    def answer(self, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @override
    def log_message(self, format: str, *args: object) -> None: ...


def _thief_handler(site: Site) -> type[_Handler]:
    """Make what notes each request."""

    class Thief(_Handler):
        def do_GET(self) -> None:
            site.stolen.append(self.path)
            self.answer(b"", {"Access-Control-Allow-Origin": "*"})

        do_POST = do_GET  # noqa: N815 - As http.server calls it.

    return Thief


def _site_handler(site: Site) -> type[_Handler]:
    """Make what shows the documents."""

    class Shown(_Handler):
        def do_GET(self) -> None:
            way, _, rest = self.path.removeprefix("/").partition("/")
            if self.path.startswith(HUB):
                site.asked.append(self.path)
                self.answer(b"", {})
            elif way == "frames":
                self.answer(_frames(site, rest), {"Content-Type": "text/html"})
            elif way == "list":
                self.answer(site.pages[rest], HEADERS)
            elif way in {"shown", "bare", "open"}:
                site.cookies.append(self.headers.get("Cookie", ""))
                self.answer(*_answer(way, site.documents[rest]))
                site.served.add(rest)
            else:
                self.answer(b"", {})

        do_POST = do_GET  # noqa: N815 - As http.server calls it.

    return Shown


def _answer(way: str, document: Document) -> tuple[bytes, Mapping[str, str]]:
    """Give the page of a document, and its headers."""
    if way == "shown":
        frame = Frame("Share", "Alice", document.path, "Version 1")
        return page(frame, body.render(document)), HEADERS
    kinds = {".svg": "image/svg+xml"}
    kind = kinds.get(document.path[-4:], "text/html; charset=utf-8")
    if way == "bare":
        return document.data, {**HEADERS, "Content-Type": kind}
    return document.data, {"Content-Type": kind, "Set-Cookie": COOKIE}


def _frames(site: Site, way: str) -> bytes:
    """Give a page with a frame for each document."""
    frames = (f'<iframe src="/{way}/{end}"></iframe>' for end in site.documents)
    return f"<!doctype html>{''.join(frames)}".encode()
