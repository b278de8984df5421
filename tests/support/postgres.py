"""A PostgreSQL server of Debian's, which pods of the node of our own can reach."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.node.network import HOST_ADDRESS

PORT = 54329
USER = "cygnet"
# Made for one server that lives as long as a test.
SECRET = "only-for-this-test"  # noqa: S105
NOBODY = "postgres"
PROGRAMS = Path("/usr/lib/postgresql")
RULES = f"local all all trust\nhost all {USER} 0.0.0.0/0 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database."""

    url: str
    """As the chart's values take it."""
    place: Path
    """The server's directory, with its socket."""
    programs: Path
    """Where psql is."""

    def ask(self, query: str) -> str:
        """Run a query as the server's owner."""
        asked = ["--host", str(self.place), "--port", str(PORT), "--dbname", USER]
        psql = [str(self.programs / "psql"), *asked, "--username", NOBODY]
        return run(*psql, "--tuples-only", "--command", query).strip()


def programs() -> Path | None:
    """Find the newest version that is installed."""
    found = sorted(PROGRAMS.glob("*/bin")) if PROGRAMS.is_dir() else []
    return found[-1] if found else None


def run(*command: str) -> str:
    """Run something as who owns the server: PostgreSQL refuses to be root."""
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    result = subprocess.run(
        [*become, *command], capture_output=True, text=True, check=False, cwd="/"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@contextmanager
def database(place: Path, programs: Path) -> Iterator[Database]:
    """Start a server, and end it."""
    place.mkdir()
    shutil.chown(place, NOBODY, NOBODY)
    # Its owner must get to it through pytest's directories.
    for above in place.parents:
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    data = place / "data"
    run(str(programs / "initdb"), "--pgdata", str(data), "--username", NOBODY)
    (data / "pg_hba.conf").write_text(RULES)
    options = f"-h {HOST_ADDRESS} -p {PORT} -k {place}"
    control = [str(programs / "pg_ctl"), "--pgdata", str(data), "--wait"]
    run(*control, "--log", str(place / "log"), "--options", options, "start")
    try:
        url = f"postgresql+psycopg2://{USER}:{SECRET}@{HOST_ADDRESS}:{PORT}/{USER}"
        found = Database(url, place, programs)
        psql = [str(programs / "psql"), "--host", str(place), "--port", str(PORT)]
        create = f"CREATE USER {USER} PASSWORD '{SECRET}'"
        run(*psql, "--dbname=postgres", "--command", create)
        make = f"CREATE DATABASE {USER} OWNER {USER}"
        run(*psql, "--dbname=postgres", "--command", make)
        yield found
    finally:
        run(*control, "--mode=immediate", "stop")
