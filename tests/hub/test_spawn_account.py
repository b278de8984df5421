import os
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from tests.support.hub import RunningHub, make_hub, running
from tests.support.waiting import until

# Root becomes somebody else to itself, without any privilege, and keeps its files.
AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@pytest.fixture
def hub(tmp_path: Path) -> Generator[RunningHub]:
    hub = make_hub(tmp_path, owner="somebody")
    if os.geteuid() == 0:
        hub.prefix = AS_SOMEBODY
        hub.environment |= {"USER": "somebody", "LOGNAME": "somebody"}
    with running(hub):
        yield hub


def test_everything_runs_without_root(hub: RunningHub) -> None:
    person = hub.owner()

    page = person.start_server(cores="1")

    assert "JupyterLab" in page.text, page.text
    (server,) = (psutil.Process(it) for it in hub.server_pids)
    # Jupyter Server refuses to run as root without this.
    assert "--allow-root" not in server.cmdline()
    rights = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    assert "CapEff:\t0000000000000000" in rights

    person.submit(person.get("/hub/home"))
    until(lambda: not hub.server_pids, "the server has ended")
