"""An encrypted session answers as one without encryption, whatever crosses to Java."""

from collections.abc import Iterator

import pytest

from tests.support.connector import own_world
from tests.support.crossing import BROADCASTS, LOOK, PREPARE, WAYS
from tests.support.kernel import RunningKernel
from tests.support.monitored import run

CONNECT = "import spark_connector; spark = spark_connector.connect('local-small')"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    directory = tmp_path_factory.mktemp("encrypted")
    with RunningKernel(directory, environment=own_world(directory)) as kernel:
        run(kernel, CONNECT)
        run(kernel, PREPARE + LOOK)
        yield kernel


@pytest.fixture(scope="module")
def plain(watched: RunningKernel) -> RunningKernel:
    run(watched, PREPARE + LOOK)
    return watched


def assert_same(plain: RunningKernel, encrypted: RunningKernel, code: str) -> None:
    ways = [(it, it.submit(code)) for it in (plain, encrypted)]
    expected, found = (it.wait(execution, timeout=90) for it, execution in ways)

    assert expected.is_ok, expected.error_text
    assert found.is_ok, found.error_text
    assert found.stdout == expected.stdout


@pytest.mark.parametrize("kind", BROADCASTS)
def test_broadcast_of_every_kind_is_the_same(
    plain: RunningKernel, encrypted: RunningKernel, kind: str
) -> None:
    assert_same(plain, encrypted, f"check({BROADCASTS[kind]})")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_across_is_the_same(
    plain: RunningKernel, encrypted: RunningKernel, way: str
) -> None:
    assert_same(plain, encrypted, WAYS[way])


def test_session_of_these_tests_is_encrypted(encrypted: RunningKernel) -> None:
    told = run(
        encrypted, "print(sc._encryption_enabled, spark_connector.status().lock)"
    )

    assert told.stdout.startswith("True")
    assert "closed" in told.stdout
