"""Which variables Spark's Java process inherits, and through it every worker.

Java gets all that is not Spark's. Of Spark's own variables it gets those of a short
table, as every setting of a session comes from our own file. Pure.
"""

from collections.abc import Mapping

# What may hold Java options for a JVM that Spark's scripts start.
JAVA_OPTION_VARIABLES = (
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "SPARK_JAVA_OPTS",
    "SPARK_LAUNCHER_OPTS",
    "SPARK_SUBMIT_OPTS",
    "_JAVA_OPTIONS",
)
# What would make this process a Spark Connect client.
REMOTE_VARIABLES = ("SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED", "SPARK_LOCAL_REMOTE")
SETTINGS = {"SPARK_LOCAL_DIRS": "spark.local.dir"}
"""Variables that are a setting by another name, which would win over it."""

_PASSED = frozenset(
    {
        *JAVA_OPTION_VARIABLES,
        "SPARK_DIST_CLASSPATH",
        "SPARK_HOME",
        "SPARK_LOG_DIR",
        # What pyspark itself puts into the environment, for its workers.
        "SPARK_AUTH_SOCKET_TIMEOUT",
        "SPARK_BUFFER_SIZE",
        "SPARK_REUSE_WORKER",
    }
)
# They configure Spark under other names, or are set again.
_KEPT_BACK = frozenset(
    {
        "CONTAINER_ID",
        "DEPLOY_MODE",
        "LOCAL_DIRS",
        "MASTER",
        "PYSPARK_DRIVER_PYTHON",
        "PYSPARK_DRIVER_PYTHON_OPTS",
        "PYSPARK_GATEWAY_PORT",
        "PYSPARK_GATEWAY_SECRET",
        "PYSPARK_SUBMIT_ARGS",
        "_SPARK_AUTH_SECRET",
        # Spark's start script would run code that these name, and Java would load it.
        "BASHOPTS",
        "BASH_ENV",
        "CDPATH",
        "CLASSPATH",
        "ENV",
        "PS4",
        "SHELLOPTS",
    }
)
_KEPT_BACK_STARTS = ("BASH_FUNC_", "DYLD_", "LD_")
# Each would change a session that Spark's own scripts start.
_MISSED = (
    "SPARK_CLASSPATH",
    "SPARK_DRIVER_MEMORY",
    "SPARK_EXECUTOR_CORES",
    "SPARK_EXECUTOR_DIRS",
    "SPARK_EXECUTOR_MEMORY",
    "SPARK_LOCAL_HOSTNAME",
    "SPARK_LOCAL_IP",
    "SPARK_PUBLIC_DNS",
    "SPARK_USER",
)


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Java inherits: without what would configure Spark."""
    kept = {k: v for k, v in environment.items() if not _is_kept_back(k)}
    # A name that is not ASCII could not be opened there.
    if kept.get("LC_ALL") in {"C", "POSIX"}:
        kept["LC_ALL"] = "C.UTF-8"
    return kept


def unused(environment: Mapping[str, str]) -> list[str]:
    """Return at most two sentences about variables without the expected effect."""
    sentences: list[str] = []
    names = [name for name in _MISSED if environment.get(name)]
    if names:
        verb = "is" if len(names) == 1 else "are"
        sentences.append(
            f"{', '.join(names)} {verb} not used: write settings of Spark into a "
            "bundle, or give them to connect()."
        )
    if environment.get("PYTHONSAFEPATH"):
        sentences.append(
            "PYTHONSAFEPATH is set: functions in Spark's workers do not find modules "
            "next to the notebook."
        )
    return sentences


def _is_kept_back(name: str) -> bool:
    is_of_spark = name.startswith("SPARK_") and name not in _PASSED
    return is_of_spark or name in _KEPT_BACK or name.startswith(_KEPT_BACK_STARTS)
