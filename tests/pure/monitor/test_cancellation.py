import pytest
from py4j.protocol import Py4JError

from spark_monitor.cancellation import sentence
from tests.support.throwable import Throwable, raised

CANCELLED = (
    "[SPARK_JOB_CANCELLED] Job 7 cancelled Stopped from the notebook SQLSTATE: X"
)


@pytest.mark.parametrize(
    "throwable",
    [
        Throwable(CANCELLED),
        Throwable("Job 7 cancelled Stopped from the notebook"),
        Throwable("Job aborted.", cause=Throwable(None, cause=Throwable(CANCELLED))),
    ],
)
def test_stopped_job_is_reported_in_a_sentence(throwable: Throwable) -> None:
    said = sentence(raised(throwable))

    assert said is not None
    assert said.startswith(
        "Stopped: the Spark job was stopped from the notebook (job 7)."
    )


@pytest.mark.parametrize(
    "throwable",
    [
        Throwable(None),
        Throwable("dead"),
        Throwable("[SPARK_JOB_CANCELLED] Job 7 cancelled because of a person"),
        Throwable("Job 7 cancelled as part of cancellation of all jobs"),
        Throwable(f"Job aborted due to stage failure: ValueError: {CANCELLED}"),
    ],
)
def test_other_errors_of_spark_are_left_alone(throwable: Throwable) -> None:
    assert sentence(raised(throwable)) is None


@pytest.mark.parametrize(
    "error", [None, ValueError(CANCELLED), Py4JError(CANCELLED), KeyboardInterrupt()]
)
def test_errors_of_others_are_left_alone(error: BaseException | None) -> None:
    assert sentence(error) is None


def test_endless_chain_of_causes_ends() -> None:
    circle = Throwable("a")
    circle.cause = circle

    assert sentence(raised(circle)) is None
