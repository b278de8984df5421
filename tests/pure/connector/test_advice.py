import pytest

from spark_connector.advice import first_line, remedy_for
from spark_connector.errors import (
    ConflictError,
    ConnectorError,
    InterruptedStartError,
    RefusedError,
    StartError,
)
from spark_connector.problem import Problem


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "java.lang.IllegalArgumentException: System memory 1 must be at least 2.",
            "System memory 1 must be at least 2.",
        ),
        ("noise\nError: Could not find or load main class b", "Error: Could not find"),
        ('Exception in thread "main" a.b.CError: bad é', "bad é"),
        ("Error occurred during initialization of VM\nToo large", "Too large"),
        ("just this", "just this"),
        ("", "It said nothing."),
    ],
)
def test_first_telling_line_is_found(said: str, line: str) -> None:
    assert first_line(said.splitlines()).startswith(line)


def test_long_line_is_cut_visibly() -> None:
    line = first_line(["Error: " + "x" * 1000])

    assert len(line) == 400
    assert line.endswith("…")


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("Could not reserve enough space for 9g object heap", "less memory"),
        ("System memory 259522560 must be at least 471859200", "at least 512m"),
        ("No space left on device", "disk"),
        ("[INVALID_CONF_VALUE.TYPE_MISMATCH]", "Correct the value"),
        (
            "SSLHandshakeException: PKIX path building failed: unable to find valid",
            "SSL_CERT_FILE",
        ),
        ("download failed: java.net.UnknownHostException: repo1", "https.proxyHost"),
        ("Unable to tunnel through proxy. Proxy returns HTTP/1.1 407", "proxy"),
        ("unresolved dependency: a#b;1: not found", "spark.jars.packages"),
        ("something else", "The log above"),
    ],
)
def test_known_failures_have_a_remedy(said: str, helps: str) -> None:
    assert helps in remedy_for(said)


@pytest.mark.parametrize(
    "error",
    [
        RefusedError([Problem("a.yaml", "k", "Bad.", "Mend it.")]),
        StartError(Problem("Java", None, "Bad.", "Mend it.")),
        InterruptedStartError(),
        ConflictError("There is one.", "End it."),
    ],
)
def test_notebook_shows_an_error_as_its_own_words(error: ConnectorError) -> None:
    assert error._render_traceback_() == str(error).splitlines()


def test_refusal_names_every_problem() -> None:
    problems = [Problem(f"{n}.yaml", "k", "Bad.", "Mend it.") for n in "ab"]

    text = str(RefusedError(problems))

    assert text.splitlines() == [
        "No session was started: 2 problems.",
        "a.yaml: k",
        "  Bad. Mend it.",
        "b.yaml: k",
        "  Bad. Mend it.",
    ]


def test_interrupted_attempt_is_a_keyboard_interrupt() -> None:
    assert isinstance(InterruptedStartError(), KeyboardInterrupt)
