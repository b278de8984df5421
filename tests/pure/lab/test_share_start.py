import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import cygnet_lab
import pytest
from cygnet_lab import environment
from cygnet_lab.environment import ShareAccess
from cygnet_lab.share import start
from jupyter_events import EventLogger
from tornado.web import Application

URL, TOKEN = "CYGNET_SHARE_URL", "JUPYTERHUB_API_TOKEN"
NOWHERE = ShareAccess("http://127.0.0.1:9/", "the-token")


@dataclass
class Server:
    """A notebook server, as far as sharing looks at it."""

    root_dir: str
    event_logger: EventLogger | None = None
    web_app: Application = field(default_factory=lambda: Application(base_url="/"))
    has_ended: bool = False

    async def cleanup_extensions(self) -> None:
        self.has_ended = True


@pytest.mark.parametrize(
    ("given", "is_there"),
    [
        ({URL: "http://share/", TOKEN: "t"}, True),
        ({TOKEN: "t"}, False),
        ({URL: "", TOKEN: "t"}, False),
        ({URL: "http://share/"}, False),
    ],
)
def test_sharing_needs_a_service_and_a_hub(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    is_there: bool,  # noqa: FBT001 - pytest gives it by name.
) -> None:
    for name in (URL, TOKEN):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    found = environment.share_access()

    assert (found is not None) is is_there
    assert "token" not in repr(found)


async def test_sharing_ends_before_the_extensions_of_its_server(tmp_path: Path) -> None:
    app = Server(str(tmp_path))
    sharing = start.prepare(cast("Any", app), NOWHERE)
    await cygnet_lab._start_jupyter_server_extension(cast("Any", app))  # noqa: SLF001
    [task] = [it for it in asyncio.all_tasks() if it.get_name() == "sharing"]

    await app.cleanup_extensions()

    assert task.done()
    assert app.has_ended
    assert app.web_app.settings["cygnet_sharing"] is sharing


async def test_server_without_sharing_starts_nothing(tmp_path: Path) -> None:
    app = Server(str(tmp_path))

    await cygnet_lab._start_jupyter_server_extension(cast("Any", app))  # noqa: SLF001

    assert [it for it in asyncio.all_tasks() if it.get_name() == "sharing"] == []
