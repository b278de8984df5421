"""The hub with PostgreSQL in place of a volume."""

import pytest

from tests.support import helm, postgres
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser

NAME = "cygnet-rows"


def test_hub_keeps_everything_in_postgresql(images: Cluster) -> None:
    programs = postgres.programs()
    if images.is_external:
        pytest.skip("The database runs here, where pods of others do not get to.")
    if programs is None:
        pytest.skip("Debian's postgresql is missing: `apt-get install postgresql`.")
    with postgres.database(programs) as database:
        values = {**helm.small(images), "secrets": {"databaseUrl": database.url}}
        with helm.installed(images, NAME, NAME, values) as service:
            with ClusterUser(service.url) as user:
                user.log_in(service.login_link())

            assert database.ask("SELECT name FROM users") == "owner"
            assert service.kubectl("get", "pvc", "--output=name") == ""
            assert postgres.SECRET not in service.kubectl("logs", f"deploy/{NAME}-hub")
