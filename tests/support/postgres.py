"""A PostgreSQL server of Debian's, which pods of the node of our own can reach.

It can be stopped like a machine that hangs, which still takes connections.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2
from psycopg2 import sql

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
    port: int = PORT

    def ask(self, query: str) -> str:
        """Run a query as the server's owner."""
        asked = ["--host", str(self.place), "--port", str(self.port)]
        asked += ["--dbname", USER]
        psql = [str(self.programs / "psql"), *asked, "--username", NOBODY]
        return run(*psql, "--tuples-only", "--command", query).strip()

    def restart(self) -> None:
        """End all connections, and take new ones."""
        control = [str(self.programs / "pg_ctl"), "--pgdata", str(self.place / "data")]
        log = ["--log", str(self.place / "log")]
        run(*control, *log, "--wait", "--mode=fast", "restart")

    @contextmanager
    def locking(self, table: str) -> Iterator[None]:
        """Hold a table as a migration or a backup of somebody's does."""
        where = {"host": str(self.place), "port": self.port, "dbname": USER}
        with closing(psycopg2.connect(user=NOBODY, **where)) as other:
            name = sql.Identifier(table)
            lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name)
            other.cursor().execute(lock)
            yield

    def waiting(self) -> int:
        """Count the connections that wait for a lock."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return int(self.ask(query))

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let all of its processes do nothing for a while."""
        pid = int((self.place / "data" / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        family = [server, *server.children()]
        for it in family:
            # That of a connection may have ended by now.
            with suppress(psutil.NoSuchProcess):
                it.suspend()
        try:
            yield
        finally:
            for it in family:
                with suppress(psutil.NoSuchProcess):
                    it.resume()


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
def database(
    programs: Path, address: str = HOST_ADDRESS, port: int = PORT
) -> Iterator[Database]:
    """Start a server, and end it."""
    # Below pytest's directories another run of pytest would shut its owner out.
    with TemporaryDirectory(prefix="cygnet-tests-") as directory:
        Path(directory).chmod(0o711)
        with _database(Path(directory) / "postgres", programs, address, port) as found:
            yield found


@contextmanager
def _database(
    place: Path, programs: Path, address: str, port: int
) -> Iterator[Database]:
    place.mkdir()
    shutil.chown(place, NOBODY, NOBODY)
    data = place / "data"
    run(str(programs / "initdb"), "--pgdata", str(data), "--username", NOBODY)
    (data / "pg_hba.conf").write_text(RULES)
    options = f"-h {address} -p {port} -k {place}"
    control = [str(programs / "pg_ctl"), "--pgdata", str(data), "--wait"]
    run(*control, "--log", str(place / "log"), "--options", options, "start")
    try:
        url = f"postgresql+psycopg2://{USER}:{SECRET}@{address}:{port}/{USER}"
        found = Database(url, place, programs, port)
        psql = [str(programs / "psql"), "--host", str(place), "--port", str(port)]
        create = f"CREATE USER {USER} PASSWORD '{SECRET}'"
        run(*psql, "--dbname=postgres", "--command", create)
        make = f"CREATE DATABASE {USER} OWNER {USER}"
        run(*psql, "--dbname=postgres", "--command", make)
        yield found
    finally:
        run(*control, "--mode=immediate", "stop")
