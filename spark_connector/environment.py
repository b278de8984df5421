"""The only module of the connector that reads or changes the process environment.

`read_environment` makes one `Environment` value of it: the user, the folders, the
machine's size, and Spark's variables. Kernels load this at their start, so it imports
nothing heavy.
"""

import getpass
import glob
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

from spark_connector import grant
from spark_connector.capacity import Capacity
from spark_connector.errors import StartError
from spark_connector.grant import Grant
from spark_connector.java import OLDEST, find_java
from spark_connector.java_trust import own_list
from spark_connector.java_variable import (
    JAVA_OPTION_VARIABLES,
    REMOTE_VARIABLES,
    SETTINGS,
    passed_on,
    unused,
)
from spark_connector.pod import TOKEN_DIRECTORY, Pod, read_pod
from spark_connector.runtime import Chosen, spark_home, worker_python
from spark_connector.search_path import (
    LEFT_OUT,
    absolute_entries,
    absolute_only,
    left_out,
    with_left_out,
)
from spark_connector.trust_store import TrustStore, find_authorities, trust_store
from spark_monitor.attach import JAR

_NO_JAVA = f"there is no Java {OLDEST} or newer"
_EXECUTOR_TEMPLATE = Path("/opt/cygnet/executor.yaml")
"""Where every user image describes an executor's pod (docs/administering/images.md)."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What a bundle's values may refer to, each as `${name}`."""

    user: str
    """The account's name."""

    home: str
    """The home directory."""

    work: str
    """The directory where the notebook runs."""

    scratch: str
    """The directory for temporary files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the connector knows about the process and the machine."""

    variables: Variables
    """What bundles may refer to."""

    capacity: Capacity
    """Cores and memory, and the form's limits."""

    cache: Path
    """The user's cache directory for Cygnet."""

    bundle_folders: tuple[Path, ...] = ()
    """Folders that hold bundles beside the shipped ones."""

    session_name: str = "notebook"
    """The application's name, after the notebook."""

    spark_version: str = ""
    """pyspark's version, or empty."""

    java_home: str = ""
    """JAVA_HOME, or empty."""

    spark_conf: Path | None = None
    """The file spark-defaults.conf, where one applies."""

    submit_args: str = ""
    """PYSPARK_SUBMIT_ARGS, or empty."""

    java_options: tuple[tuple[str, str], ...] = ()
    """Variables with Java options, and their values."""

    settings: tuple[tuple[str, str, str], ...] = ()
    """Variables that are settings of Spark: name, key and value."""

    remote: tuple[str, ...] = ()
    """Variables that ask for Spark Connect."""

    pod: Pod | None = None
    """The notebook's pod, None outside of one."""

    cluster_type: str = "local"
    """The kind of cluster that the start form's choice means."""

    library_path: str = ""
    """LD_LIBRARY_PATH, or empty. Python workers get it, Java does not."""

    trust_store: Callable[[], TrustStore] = TrustStore
    """Gives what Java is to trust, and builds it where needed."""

    is_there: Callable[[str], bool] = bool
    """Whether this machine has a file; the path may have `*` and `?`."""

    flaw_of: Callable[[str], str] = lambda _entry: ""
    """Why an entry of a class path must not come before Spark's jars, or empty."""

    has_derby_properties: bool = False
    """Whether a file derby.properties lies in the working directory."""

    left_out: tuple[str, ...] = ()
    """Sentences about what of the environment has no effect, and why."""


def read_environment() -> Environment:
    """Return what the process environment and the machine say now, as a value."""
    env = os.environ
    granted = grant.read(env)
    remote = [name for name in REMOTE_VARIABLES if env.get(name)]
    if env.get("SPARK_API_MODE", "classic").lower() != "classic":
        remote.append("SPARK_API_MODE")
    return Environment(
        variables=Variables(
            user=getpass.getuser(),
            home=str(Path.home()),
            work=str(Path.cwd()),
            scratch=tempfile.gettempdir(),
        ),
        capacity=_capacity(granted),
        bundle_folders=tuple(map(Path, granted.bundles)),
        session_name=PurePath(env.get("JPY_SESSION_NAME", "notebook")).stem,
        spark_version=_installed("pyspark"),
        java_home=env.get("JAVA_HOME", ""),
        cache=cache_directory(),
        spark_conf=_spark_conf(env),
        submit_args=env.get("PYSPARK_SUBMIT_ARGS", ""),
        java_options=tuple(
            (name, env[name]) for name in JAVA_OPTION_VARIABLES if env.get(name)
        ),
        settings=tuple(
            (name, key, env[name]) for name, key in SETTINGS.items() if env.get(name)
        ),
        remote=tuple(remote),
        pod=read_pod(
            env,
            has_token=Path(TOKEN_DIRECTORY, "token").is_file(),
            template=_executor_template(),
        ),
        cluster_type=granted.cluster_type or "local",
        library_path=env.get("LD_LIBRARY_PATH", ""),
        trust_store=partial(
            trust_store,
            find_authorities(env.get("SSL_CERT_FILE", "")),
            cache_directory(),
            partial(own_list, env.get("JAVA_HOME", ""), cache_directory()),
        ),
        is_there=_is_there,
        flaw_of=_flaw_of,
        has_derby_properties=Path("derby.properties").is_file(),
        left_out=(*left_out(env), *unused(env), *_missing_folders(env)),
    )


def cache_directory() -> Path:
    """Return the user's cache directory for Cygnet, which may not exist yet."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "cygnet"


def java_environment(java_home: Path, address: str) -> dict[str, str]:
    """Return the environment for Spark's Java process.

    Parameters
    ----------
    java_home
        The Java to run.
    address
        Where the driver listens.

    Returns
    -------
    dict
        The process environment without what could set Spark up differently, because
        every setting comes from our own file. The configuration folder is ours too,
        so that neither `spark-env.sh` nor `spark-defaults.conf` is read by Spark.
    """
    env = passed_on(os.environ)
    env["JAVA_HOME"] = str(java_home)
    env["SPARK_CONF_DIR"] = str(Path(__file__).parent / "data" / "conf")
    env["SPARK_LOCAL_IP"] = address
    # The pod's own token counts, which is read again when it changes, and not what a
    # file in the home directory says.
    env["KUBERNETES_AUTH_TRYKUBECONFIG"] = "false"
    return env


@contextmanager
def exported(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the length of a block, and restore them."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def leave_out_relative() -> None:
    """Take what depends on the working directory out of this process's environment.

    Notes
    -----
    For the start of a kernel. Python has read PYTHONPATH by then, so the module path
    is corrected too.
    """
    entries = absolute_entries(os.environ.get("PYTHONPATH", ""))
    places = {os.path.normpath(Path.cwd() / entry) for entry in entries.left_out}
    places.difference_update(entries.kept.split(os.pathsep))
    sys.path[:] = [place for place in sys.path if place not in places]
    environment = absolute_only(os.environ)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


def prepare_process() -> None:
    """Let every Spark session of this process find a Java, a Spark and this Python.

    Notes
    -----
    Also sessions made without the connector profit. What the user has set well stays;
    what cannot work is replaced, and `Environment.left_out` says so. Without any Java
    nothing changes.
    """
    env = os.environ
    _choose("PYSPARK_PYTHON", worker_python(env.get("PYSPARK_PYTHON", "")))
    home = spark_home(env.get("SPARK_HOME", ""), _installed("pyspark"))
    _choose("SPARK_HOME", home)
    with suppress(StartError):
        named = env.get("JAVA_HOME", "")
        java = str(find_java(named, cache_directory()).home)
        _choose("JAVA_HOME", Chosen(java, "" if java == named else _NO_JAVA))
    # Each worker would hash the same text differently, and groups would fall apart.
    if env.get("PYTHONHASHSEED") == "random":
        del env["PYTHONHASHSEED"]


def _choose(name: str, chosen: Chosen) -> None:
    """Set a variable, and remember why it is not what it was."""
    named = os.environ.get(name, "")
    if named and chosen.reason:
        said = f"{name}={named} is not used: {chosen.reason}. Now it is {chosen.value}."
        os.environ[LEFT_OUT] = with_left_out(os.environ, [said])[LEFT_OUT]
    if chosen.value:
        os.environ[name] = chosen.value


def _missing_folders(env: Mapping[str, str]) -> list[str]:
    return [
        f"{name}={env[name]} is not used: there is no such folder."
        for name in ("HADOOP_CONF_DIR", "SPARK_CONF_DIR", "YARN_CONF_DIR")
        if env.get(name) and not Path(env[name]).is_dir()
    ]


def _capacity(granted: Grant) -> Capacity:
    return Capacity(
        cores=_usable_cores(),
        memory=_machine_memory(),
        cores_limit=granted.cores,
        memory_limit=granted.memory or None,
    )


def _executor_template() -> str:
    try:
        return _EXECUTOR_TEMPLATE.read_text(encoding="utf-8")
    except OSError:
        return ""


def _is_there(path: str) -> bool:
    # Not pathlib's: an absolute pattern is none for it.
    return os.path.exists(path) or bool(glob.glob(path))  # noqa: PTH110, PTH207


def _flaw_of(entry: str) -> str:
    home = os.environ.get("SPARK_HOME")
    if not home:
        spec = importlib.util.find_spec("pyspark")
        home = str(Path(spec.origin).parent) if spec and spec.origin else ""
    class_shadow: Any = import_module("spark_connector.class_shadow")
    return str(class_shadow.flaw_of(entry, Path(home, "jars"), JAR))


def _usable_cores() -> int:
    # macOS has no affinity.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _machine_memory() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # In a container the control group's limit counts (version 2, then version 1).
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = Path("/sys/fs/cgroup", name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            return min(memory, int(text))
    return memory


def _spark_conf(env: Mapping[str, str]) -> Path | None:
    if env.get("SPARK_CONF_DIR"):
        return Path(env["SPARK_CONF_DIR"]) / "spark-defaults.conf"
    if env.get("SPARK_HOME"):
        return Path(env["SPARK_HOME"]) / "conf" / "spark-defaults.conf"
    return None


def _installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
