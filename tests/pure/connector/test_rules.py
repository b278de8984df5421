"""Nothing that somebody else wrote weakens a session: every key, every origin."""

from collections.abc import Callable
from pathlib import Path

import pytest

from spark_connector.errors import RefusedError
from spark_connector.java_option import REFUSED_JAVA_OPTIONS
from spark_connector.java_variable import JAVA_OPTION_VARIABLES
from spark_connector.problem import Problem
from spark_connector.resolve import resolve
from spark_connector.rules import (
    JAVA_OPTION_KEYS,
    LOOPBACK_ONLY,
    PROTECTED,
    protection_of,
)
from tests.support.connector import bundle, environment, on_pods, place

# For each protected key a key and value that would weaken a session.
WEAK = {
    "spark.acls.enable": "false",
    "spark.admin.acls": "*",
    "spark.admin.acls.groups": "*",
    "spark.api.mode": "connect",
    "spark.authenticate": "false",
    "spark.authenticate.enableSaslEncryption": "false",
    "spark.authenticate.secret": "known",
    "spark.authenticate.secret.": "spark.authenticate.secret.file=/known",
    "spark.authenticate.secretBitLength": "8",
    "spark.blockManager.port": "4040",
    "spark.driver.bindAddress": "::",
    "spark.driver.blockManager.port": "4040",
    "spark.driver.host": "example.org",
    "spark.driver.port": "4040",
    "spark.driver.userClassPathFirst": "true",
    "spark.executor.userClassPathFirst": "true",
    "spark.io.encryption.commons.config.": "spark.io.encryption.commons.config.x=y",
    "spark.io.encryption.enabled": "False ",
    "spark.io.encryption.keySizeBits": "128",
    "spark.io.encryption.keygen.algorithm": "DES",
    "spark.local.connect.": "spark.local.connect.reuse=true",
    "spark.modify.acls": "*",
    "spark.modify.acls.groups": "*",
    "spark.network.crypto.authEngineVersion": "1",
    "spark.network.crypto.cipher": "AES/CTR/NoPadding",
    "spark.network.crypto.config.": "spark.network.crypto.config.x=y",
    "spark.network.crypto.enabled": "no",
    "spark.network.crypto.keyFactoryAlgorithm": "PBKDF1",
    "spark.network.crypto.keyFactoryIterations": "1",
    "spark.network.crypto.keyLength": "64",
    "spark.network.crypto.saslFallback": "true",
    "spark.network.sasl.serverAlwaysEncrypt": "false",
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.redaction.regex": "nothing",
    "spark.redaction.string.regex": "nothing",
    "spark.remote": "sc://example.org",
    "spark.shuffle.service.enabled": "true",
    "spark.ssl.": "spark.ssl.rpc.enabled=false",
    "spark.submit.deployMode": "cluster",
    "spark.ui.acls.enable": "false",
    "spark.ui.enabled": "true",
    "spark.ui.filters": "org.example.LetEverybodyIn",
    "spark.ui.prometheus.enabled": "true",
    "spark.ui.view.acls": "*",
    "spark.ui.view.acls.groups": "*",
    "spark.user.groups.mapping": "org.example.Everybody",
}
STRONG = {
    "spark.authenticate": "TRUE",
    "spark.authenticate.secretBitLength": "512",
    "spark.io.encryption.keygen.algorithm": "HmacSHA512",
    "spark.network.crypto.enabled": " true ",
    "spark.network.crypto.keyLength": "256",
    "spark.ui.enabled": "false",
}
LOCAL = (*PROTECTED, *LOOPBACK_ONLY)
Refusal = Callable[[Path, str, str], list[Problem]]


def refused(*, bundles: object = (), **more: object) -> list[Problem]:
    changes = dict(more)
    options = changes.pop("options", {})
    assert isinstance(bundles, tuple)
    assert isinstance(options, dict)
    with pytest.raises(RefusedError) as caught:
        resolve(bundles, place(), options, environment(**changes))
    return list(caught.value.problems)


def by_bundle(_folder: Path, key: str, value: str) -> list[Problem]:
    return refused(bundles=(bundle("weak", **{key: f"'{value}'"}),))


def by_call(_folder: Path, key: str, value: str) -> list[Problem]:
    return refused(options={key: value})


def by_defaults(folder: Path, key: str, value: str) -> list[Problem]:
    path = folder / "spark-defaults.conf"
    path.write_text(f"# site\n{key}   {value}\n")
    return refused(spark_conf=path)


def by_submit_args(_folder: Path, key: str, value: str) -> list[Problem]:
    return refused(submit_args=f"--conf '{key}={value}' pyspark-shell")


ORIGINS = {
    "weak.yaml, line 3": by_bundle,
    "connect()": by_call,
    "spark-defaults.conf, line 2": by_defaults,
    "PYSPARK_SUBMIT_ARGS": by_submit_args,
}


def case(name: str) -> tuple[str, str]:
    written = WEAK[name]
    if not name.endswith("."):
        return name, written
    key, _, value = written.partition("=")
    return key, value


def test_every_protected_key_has_a_case() -> None:
    assert sorted(WEAK) == sorted(entry.key for entry in LOCAL)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("name", [entry.key for entry in LOCAL])
def test_weaker_value_is_refused_with_its_origin(
    tmp_path: Path, name: str, origin: str
) -> None:
    key, value = case(name)

    problems = ORIGINS[origin](tmp_path, key, value)

    assert [problem.key for problem in problems] == [key]
    assert problems[0].place.endswith(origin)
    assert problems[0].remedy.startswith("Remove it")


@pytest.mark.parametrize("name", [entry.key for entry in PROTECTED])
def test_weaker_value_is_refused_with_executors_in_pods(name: str) -> None:
    key, value = case(name)

    with pytest.raises(RefusedError) as caught:
        on_pods("type: kubernetes", bundle("weak", **{key: f"'{value}'"}))

    assert [problem.key for problem in caught.value.problems] == [key]


@pytest.mark.parametrize("key", STRONG)
def test_value_as_strong_as_ours_is_accepted(key: str) -> None:
    options: dict[str, object] = {key: STRONG[key]}

    result = resolve([], place(), options, environment())

    ours = protection_of(key, LOCAL)
    assert ours is not None
    assert result.value(key) in {STRONG[key], ours.value}


def test_own_values_are_accepted_by_the_own_rules() -> None:
    forced = [entry for entry in LOCAL if entry.value is not None]

    assert [entry.key for entry in forced if not entry.accepts(entry.value or "")] == []
    assert {"spark.authenticate", "spark.ui.enabled"} <= {e.key for e in forced}


def test_secret_of_somebody_is_never_repeated() -> None:
    problems = refused(options={"spark.authenticate.secret": "hunter2"})

    assert "hunter2" not in "".join(problem.text for problem in problems)


@pytest.mark.parametrize("key", JAVA_OPTION_KEYS)
@pytest.mark.parametrize("start", REFUSED_JAVA_OPTIONS)
def test_java_option_that_is_a_side_door_is_refused(start: str, key: str) -> None:
    problems = refused(options={key: f"-Dfine=1 '{start}x=y z' -verbose"})

    assert [(p.place, p.key) for p in problems] == [("connect()", key)]
    assert f"'{start}x'" in problems[0].reason


@pytest.mark.parametrize("variable", JAVA_OPTION_VARIABLES)
def test_java_option_in_a_variable_is_refused(variable: str) -> None:
    problems = refused(java_options=((variable, "-Dspark.authenticate=false"),))

    assert [(p.place, p.key) for p in problems] == [(variable, variable)]


def test_java_options_with_an_open_quote_are_refused() -> None:
    (problem,) = refused(options={"spark.driver.extraJavaOptions": "-Da='b"})

    assert "quote" in problem.reason


@pytest.mark.parametrize("name", ["BASH_ENV", "LD_PRELOAD", "CLASSPATH"])
def test_variable_that_runs_code_in_executors_is_refused(name: str) -> None:
    key = f"spark.executorEnv.{name}"

    assert [p.key for p in refused(options={key: "/theirs"})] == [key]


def test_workers_find_the_libraries_of_the_user() -> None:
    result = resolve([], place(), {}, environment(library_path="/opt/site/lib"))

    assert result.value("spark.executorEnv.LD_LIBRARY_PATH") == "/opt/site/lib"


def test_harmless_java_options_pass() -> None:
    options: dict[str, object] = {
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseZGC"
    }

    result = resolve([], place(), options, environment())

    value = result.value("spark.driver.extraJavaOptions")
    assert value == "-Duser.timezone=UTC -XX:+UseZGC"


def test_variable_for_spark_connect_is_refused() -> None:
    (problem,) = refused(remote=("SPARK_REMOTE",))

    assert problem.key == "SPARK_REMOTE"


@pytest.mark.parametrize("key", ["authenticate", "spark.a b", "spark.", "spark.a=b\nc"])
def test_key_that_spark_would_misread_is_refused(key: str) -> None:
    assert [p.key for p in refused(options={key: "x"})] == [key]
