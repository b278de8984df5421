import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cygnet_hub.kubernetes import configure
from cygnet_lab import login
from cygnet_lab.login import Answers
from jupyterhub._xsrf_utils import _set_xsrf_cookie
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, HTTPError, RequestHandler
from traitlets.config import Config

from tests.support.pod_request import site

ALICE = {"name": "alice"}


class Hub:
    """Says whose a token is, or nothing."""

    def __init__(self) -> None:
        self.user: dict[str, Any] | None = ALICE
        self.is_up, self.asked = True, 0

    async def __call__(self) -> dict[str, Any] | None:
        self.asked += 1
        await asyncio.sleep(0)
        if not self.is_up:
            raise HTTPError(502)
        return self.user


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


def run(task: Awaitable[object]) -> object:
    async def awaited() -> object:
        return await task

    return asyncio.run(awaited())


def test_logout_counts_within_ten_seconds(clock: SimpleNamespace) -> None:
    answers, hub = Answers(), Hub()
    assert run(answers.of("t", hub)) == ALICE
    hub.user = None

    clock.now += 5
    assert run(answers.of("t", hub)) == ALICE
    clock.now += 5
    assert run(answers.of("t", hub)) is None


def test_requests_of_one_page_ask_once(clock: SimpleNamespace) -> None:
    answers, hub = Answers(), Hub()

    async def page() -> list[object]:
        return list(await asyncio.gather(*(answers.of("t", hub) for _ in range(20))))

    assert run(page()) == [ALICE] * 20
    assert hub.asked == 1
    run(answers.of("another", hub))
    assert hub.asked == 2
    assert clock.now == 1000


def test_restarting_hub_disturbs_no_user_and_decides_again(
    clock: SimpleNamespace,
) -> None:
    answers, hub = Answers(), Hub()
    run(answers.of("t", hub))
    hub.is_up, hub.user = False, None

    for _ in range(15):
        clock.now += 15
        assert run(answers.of("t", hub)) == ALICE
    # Nor is it asked for each request meanwhile.
    asked = hub.asked
    run(answers.of("t", hub))
    assert hub.asked == asked

    hub.is_up = True
    clock.now += 10
    assert run(answers.of("t", hub)) is None


def test_answer_counts_for_minutes_and_not_for_ever(clock: SimpleNamespace) -> None:
    answers, hub = Answers(), Hub()
    run(answers.of("t", hub))
    hub.is_up = False

    clock.now += login.STALE_SECONDS + 1

    with pytest.raises(HTTPError):
        run(answers.of("t", hub))


def test_unknown_token_is_no_user_while_the_hub_is_away(
    clock: SimpleNamespace,
) -> None:
    answers, hub = Answers(), Hub()
    hub.is_up = False

    with pytest.raises(HTTPError):
        run(answers.of("t", hub))
    assert clock.now == 1000


@pytest.mark.parametrize("url", ["https://notebooks.example.org", "http://localhost"])
def test_token_of_forms_is_sent_over_tls_alone_where_there_is_tls(
    tmp_path: Path, url: str
) -> None:
    c = Config()
    chosen = site({"publicUrl": url})
    configure.origin(c, chosen)
    configure.login(c, chosen, tmp_path)

    settings = {"cookie_secret": "x" * 32, **c.JupyterHub.tornado_settings}
    line = RequestStartLine("GET", "/hub/login", "HTTP/1.1")
    connection: Any = SimpleNamespace(set_close_callback=lambda _: None)
    request = HTTPServerRequest(
        connection=connection, start_line=line, headers=HTTPHeaders(Host="hub")
    )
    handler = RequestHandler(Application([], **settings), request)
    _set_xsrf_cookie(handler, b"id", cookie_path="/hub/", authenticated=True)

    (cookie,) = handler._new_cookie.values()  # noqa: SLF001 - What is sent.
    assert bool(cookie["secure"]) == url.startswith("https")
    assert cookie["samesite"] == "Lax"
