"""An encrypted session answers as one without encryption, whatever crosses to Java."""

from collections.abc import Iterator

import pytest

from tests.support.connector import own_world
from tests.support.crossing import BROADCASTS, LOOK, PREPARE, WAYS
from tests.support.kernel import RunningKernel
from tests.support.monitored import run

CONNECT = "import spark_connector; spark = spark_connector.connect('local-small')"


@pytest.fixture(scope="session")
def begun(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunningKernel, str]]:
    """Start the kernel whose session comes up at the same time as the plain one."""
    directory = tmp_path_factory.mktemp("encrypted")
    with RunningKernel(directory, environment=own_world(directory)) as kernel:
        yield kernel, kernel.submit(CONNECT)


@pytest.fixture(scope="module")
def plain(begun: tuple[RunningKernel, str], watched: RunningKernel) -> RunningKernel:  # noqa: ARG001 - It comes first.
    run(watched, PREPARE + LOOK)
    return watched


@pytest.fixture(scope="module")
def encrypted(begun: tuple[RunningKernel, str]) -> Iterator[RunningKernel]:
    kernel, connecting = begun
    outcome = kernel.wait(connecting)
    assert outcome.is_ok, outcome.error_text
    run(kernel, PREPARE + LOOK)
    # No other module needs it.
    with kernel:
        yield kernel


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
