import time

import pytest

from spark_connector.setting import Setting, redacted

SECRET_KEYS = (
    "spark.hadoop.fs.s3a.secret.key",
    "spark.hadoop.fs.s3a.access.key",
    "spark.my.apikey",
    "spark.my.api_key",
    "spark.my.api-key",
    "spark.ssl.passphrase",
    "spark.db.passwd",
    "spark.my.private.key",
    "spark.hadoop.fs.azure.account.key.x.net",
    "spark.some.credential",
)


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_value_of_a_key_that_sounds_secret_is_hidden(key: str) -> None:
    assert Setting(key, "hunter2", "x").shown == "(hidden)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("-Ddb.password=hunter2 -Da=b", "-Ddb.password=(hidden) -Da=b"),
        ("-Ddb.password='hunter 2'", "-Ddb.password=(hidden)"),
        (
            "jdbc:x://h/db?user=a&password=hunter2",
            "jdbc:x://h/db?user=a&password=(hidden)",
        ),
        (
            'Module required username="a" password="hunter2";',
            'Module required username="a" password=(hidden);',
        ),
        ("https://ada:hunter2@example.org/x", "https://(hidden)@example.org/x"),
        ("the token hunter2", "(hidden)"),
        ("api-key: hunter2", "api-key: (hidden)"),
    ],
)
def test_secret_within_a_value_is_hidden(value: str, shown: str) -> None:
    assert redacted(value) == shown


@pytest.mark.parametrize(
    "value", ["2g", "/data/x.jar,hdfs://nn:8020/y.jar", "-Duser.timezone=UTC", "a=b"]
)
def test_harmless_value_is_shown(value: str) -> None:
    assert Setting("spark.a", value, "x").shown == value


def test_long_word_is_looked_at_once() -> None:
    began = time.perf_counter()

    assert redacted("a" * 200_000) == "a" * 200_000
    assert time.perf_counter() - began < 1
