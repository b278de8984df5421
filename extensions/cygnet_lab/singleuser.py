"""Runs the notebook server of JupyterHub without a start of Node.js.

JupyterLab 4.6 asks Yarn where it would fetch the sources of extensions, at every
start on a machine with Node.js, which takes as long as a fifth of the rest. Cygnet
never builds JupyterLab, so the answer is not needed.
"""

import runpy

from jupyterlab import commands


def run() -> None:
    """Run the server, with the arguments of this process."""
    commands._yarn_config = _no_yarn_config  # noqa: SLF001 - Nothing else sets it.
    runpy.run_module("jupyterhub.singleuser", run_name="__main__", alter_sys=True)


def _no_yarn_config(_logger: object) -> dict[str, dict[str, str]]:
    """Answer as JupyterLab itself does on a machine without Node.js."""
    return {"yarn config": {}, "npm config": {}}


if __name__ == "__main__":
    run()
