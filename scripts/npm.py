"""Runs npm in ``extensions/`` with the Node.js that builds the lab extension."""

import subprocess
import sys

from scripts.build_lab import ROOT, MissingToolError, find_node


def main(arguments: list[str]) -> int:
    """Return npm's exit code for ``arguments``."""
    try:
        node = find_node()
    except MissingToolError as error:
        sys.exit(str(error))
    command = [*node.npm, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=node.environment(), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
