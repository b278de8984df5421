from importlib import import_module

from spark_connector.attempt import Attempt, ConnectRequest
from spark_connector.java import Java
from spark_connector.resolve import Resolved


def test_module_that_is_gone_ends_the_attempt_with_a_remedy() -> None:
    """As in a kernel that began before its packages were replaced."""
    attempt = Attempt(
        ConnectRequest((), ()),
        Resolved.__new__(Resolved),
        Java.__new__(Java),
        say=lambda _: None,
        on_line=lambda _: None,
    )

    def work(_: Attempt) -> None:
        import_module("spark_connector.of_a_former_version")

    attempt.run(work)  # type: ignore[arg-type]

    assert attempt.error is not None
    assert "spark_connector.of_a_former_version" in str(attempt.error)
    assert "Restart the kernel" in str(attempt.error)
