import inspect
from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from cygnet_hub.pages import (
    database,
    outage,
    page_policy,
    wrapping,
)
from cygnet_hub.pages.outage import DatabaseOutageError
from jupyterhub.app import JupyterHub
from jupyterhub.handlers.base import BaseHandler
from tornado.web import HTTPError
from traitlets.config import Config

Change = Callable[[Config], None]
CHANGED = (
    (BaseHandler, "prepare"),
    (BaseHandler, "get_current_user"),
    (BaseHandler, "send_error"),
    (BaseHandler, "content_security_policy"),
    (BaseHandler, "template_namespace"),
    (JupyterHub, "shutdown_cancel_tasks"),
)
CHANGES: tuple[Change, ...] = (outage.configure, page_policy.apply)


class Greeter:
    def greet(self, name: str) -> str:
        return f"Hello, {name}"


def louder(original: Callable[..., str]) -> Callable[..., str]:
    return lambda self, name: original(self, name) + "!"


def twice(original: Callable[..., str]) -> Callable[..., str]:
    return lambda self, name: 2 * original(self, name)


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give JupyterHub's own methods back at the end."""
    for owner, name in CHANGED:
        monkeypatch.setattr(owner, name, inspect.getattr_static(owner, name))
    monkeypatch.setattr(database, "PATIENCE", database.Patience())
    return monkeypatch


def handler(host: str, path: str = "/hub/home") -> Mock:
    """Return a handler with a request to a service with persons' hosts."""
    url = urlsplit("https://hub.example")
    settings = {
        "subdomain_host": "https://hub.example",
        "domain": "hub.example",
        "public_url": url,
    }
    request = SimpleNamespace(host_name=host, path=path, uri=path, method="POST")
    hub = SimpleNamespace(base_url="/hub/")
    return Mock(settings=settings, request=request, hub=hub, is_login=False)


def test_method_is_wrapped_once_whatever_else_wraps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Greeter, "greet", Greeter.greet)

    for wrapper in (louder, twice, louder, twice):
        wrapping.once(Greeter, "greet", wrapper)

    assert Greeter().greet("Ada") == "Hello, Ada!Hello, Ada!"


@pytest.mark.parametrize("order", [CHANGES, CHANGES[::-1], CHANGES * 2])
async def test_handlers_know_both_in_any_order_and_number(
    order: tuple[Change, ...], restored: pytest.MonkeyPatch
) -> None:
    asked = []

    async def silent(self: Mock) -> None:
        asked.append(self)
        raise database.SilentDatabaseError

    restored.setattr(BaseHandler, "prepare", silent)
    c = Config()
    c.JupyterHub.db_url = "sqlite:///hub.sqlite"
    for change in order:
        change(c)

    with pytest.raises(DatabaseOutageError):
        await BaseHandler.prepare(handler("hub.example"))
    assert len(asked) == 1
    with pytest.raises(HTTPError) as refused:
        await BaseHandler.prepare(handler("ada.hub.example"))
    assert refused.value.status_code == 421
    assert len(asked) == 1
