"""The environments that are compared, and the machine they run on."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.kernel import Arm
from spark_connector.java import find_java

PEER = "sparkmonitor==3.3.0"
EXTENSIONS = ("spark_monitor", "spark_connector")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "cygnet")


def java() -> dict[str, str]:
    """Give the Java that Cygnet would choose, for every kernel alike."""
    return {"JAVA_HOME": str(find_java(os.environ.get("JAVA_HOME", ""), CACHE).home)}


def bare() -> Arm:
    """Give a kernel without extensions."""
    return Arm("bare", Path(sys.executable), (), java())


def cygnet() -> Arm:
    """Give a kernel with both of our extensions."""
    return Arm("cygnet", Path(sys.executable), EXTENSIONS, java())


def peer() -> Arm:
    """Give a kernel with SWAN's monitor, which finds Spark by SPARK_HOME."""
    python = peer_python()
    home = next(python.parent.parent.glob("lib/python*/site-packages/pyspark"))
    environment = {**java(), "SPARK_HOME": str(home)}
    return Arm("sparkmonitor", python, ("sparkmonitor.kernelextension",), environment)


def peer_python() -> Path:
    """Make the peer's virtual environment once, in the cache directory.

    Its Spark and ipykernel are the ones of this environment, so that only the
    monitor differs.
    """
    names = ("pyspark", "ipykernel", "pyzmq", "py4j")
    needs = [PEER, *(f"{it}=={version(it)}" for it in names)]
    folder = CACHE / "bench" / "-".join(needs).replace("==", "-")
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "--python", python, *needs], check=True)
        (folder / "complete").touch()
    return python


def machine() -> dict[str, str]:
    """Describe this machine in general words, without its name."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": operating_system(),
        "Python": platform.python_version(),
        **{it: version(it) for it in ("pyspark", "ipykernel", "jupyterlab")},
    }


def processor() -> str:
    """Give the processor's model."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def operating_system() -> str:
    """Give the system's name and version."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)
