"""One kernel with the Spark monitor and a session, for every test that can share it."""

from collections.abc import Iterator

import pytest

from tests.support import monitored
from tests.support.kernel import RunningKernel


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    with monitored.start(tmp_path_factory.mktemp("watched")) as kernel:
        monitored.run(kernel, monitored.MAKE_SESSION)
        yield kernel
