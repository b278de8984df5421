"""Hub and sharing service with PostgreSQL, each with a database of its own."""

import pytest

from tests.cluster.node.network import HOST_ADDRESS
from tests.support import helm, postgres
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser
from tests.support.values import merged

NAME = "cygnet-rows"
SHARES = "shares"
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shares'"
WAY = {
    "to": [{"ipBlock": {"cidr": f"{HOST_ADDRESS}/32"}}],
    "ports": [{"port": postgres.PORT}],
}


def test_hub_and_sharing_service_keep_everything_in_postgresql(images: Cluster) -> None:
    programs = postgres.programs()
    if images.is_external:
        pytest.skip("The database runs here, where pods of others do not get to.")
    if programs is None:
        pytest.skip("Debian's postgresql is missing: `apt-get install postgresql`.")
    with postgres.database(programs) as database:
        database.ask(f"CREATE DATABASE {SHARES} OWNER {postgres.USER}")
        urls = {
            "databaseUrl": database.url,
            "shareDatabaseUrl": f"{database.url.rpartition('/')[0]}/{SHARES}",
        }
        more = {
            "secrets": urls,
            "sharing": {"enabled": True},
            "networkPolicy": {"shareEgress": [WAY]},
        }
        values = merged(helm.small(images), more)
        with helm.installed(images, NAME, NAME, values) as service:
            with ClusterUser(service.url) as user:
                user.log_in(service.login_link())

            assert database.ask("SELECT name FROM users") == "owner"
            # It is ready when it has read its tables there.
            assert int(database.ask(CONNECTED)) > 0
            # Its volume has the contents of files.
            claims = service.kubectl("get", "pvc", "--output=name").split()
            assert claims == [f"persistentvolumeclaim/{NAME}-share"]
            for pod in ("hub", "share"):
                log = service.kubectl("logs", f"deploy/{NAME}-{pod}")
                assert postgres.SECRET not in log
