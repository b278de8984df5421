"""Runs npm in ``extensions/`` with the Node.js that builds the lab extension."""

import os
import subprocess
import sys

from scripts.build_lab import ROOT, MissingToolError, node_folder


def main(arguments: list[str]) -> int:
    """Give npm's exit code for ``arguments``."""
    try:
        tools = node_folder()
    except MissingToolError as error:
        sys.exit(str(error))
    # npm is a script that looks for `node` on the path.
    path = os.pathsep.join([str(tools), os.environ.get("PATH", os.defpath)])
    return subprocess.run(
        [str(tools / "npm"), *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
