"""Executors report their effective settings, without Kubernetes: in a local cluster."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import monitored
from tests.support.kernel import RunningKernel

MAKE_SESSION = """
import os
from pyspark.sql import SparkSession
from spark_connector.session import OpenSession, read_executors, report_shortage
from spark_monitor.attach import JAR
settings = {{
    "spark.plugins": "org.apache.spark.cygnet.SettingsPlugin",
    "spark.driver.extraClassPath": str(JAR),
    "spark.executor.extraClassPath": str(JAR),
    "spark.executor.memory": "512m",
    "spark.executor.instances": 2,
    "spark.authenticate": {is_secure},
    "spark.authenticate.secret": "of-this-test-alone",
    "spark.network.crypto.enabled": {is_secure},
    "spark.io.encryption.enabled": {is_secure},
    "spark.ui.enabled": False,
    "spark.ui.showConsoleProgress": False,
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.local.dir": os.getcwd(),
}}
builder = SparkSession.builder.master("local-cluster[2,1,512]").appName("plugin")
spark = builder.config(map=settings).getOrCreate()
spark.sparkContext.setLogLevel("OFF")
session = OpenSession(spark, spark.sparkContext)
"""
REPORT = "import json; print(json.dumps(read_executors(session).executors))"


def start(directory: Path, *, is_secure: bool = True) -> Iterator[RunningKernel]:
    with monitored.start(directory) as kernel:
        code = MAKE_SESSION.format(is_secure=is_secure)
        monitored.run(kernel, code)
        yield kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    yield from start(tmp_path_factory.mktemp("plugin"))


def await_reports(
    kernel: RunningKernel, is_wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    code = f"import time; time.sleep(0.2)\n{REPORT}"
    for _ in range(300):
        found: dict[str, Any] = json.loads(monitored.run(kernel, code).stdout)
        if is_wanted(found):
            return found
    pytest.fail(f"The executors did not report: {found}")


def told(found: dict[str, Any], count: int) -> bool:
    return len(found) == count and all(found.values())


def test_every_executor_reports_what_it_works_with(kernel: RunningKernel) -> None:
    found = await_reports(kernel, lambda it: told(it, 2))

    holds = {
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.io.encryption.enabled": "true",
    }
    assert list(found.values()) == [holds, holds]


def test_frames_say_how_many_are_wanted_and_why_some_are_missing(
    kernel: RunningKernel,
) -> None:
    after = len(kernel.messages)
    words = "2 of 8 executors: memory quota of your namespace"

    monitored.run(kernel, f"report_shortage(session, {words!r})")
    short = monitored.wait_for_frame(
        kernel, lambda it: it.executors.trouble is not None, after=after
    )
    after = len(kernel.messages)
    monitored.run(kernel, "report_shortage(session, None)")
    calm = monitored.wait_for_frame(
        kernel, lambda it: it.executors.trouble is None, after=after
    )

    assert short.executors.trouble == words
    assert short.executors.wanted == calm.executors.wanted == 2


def test_executor_that_comes_late_reports_too(kernel: RunningKernel) -> None:
    before = await_reports(kernel, lambda it: told(it, 2))
    executors = [it for it in kernel.descendants() if is_executor(it)]

    executors[0].kill()
    found = await_reports(kernel, lambda it: told(it, 2) and it.keys() != before.keys())

    assert len(found.keys() - before.keys()) == 1


def test_executor_without_protection_says_so(tmp_path: Path) -> None:
    for kernel in start(tmp_path, is_secure=False):
        found = await_reports(kernel, lambda it: told(it, 2))

        assert {word for it in found.values() for word in it.values()} == {"false"}


def is_executor(process: psutil.Process) -> bool:
    return any("CoarseGrainedExecutorBackend" in word for word in process.cmdline())
