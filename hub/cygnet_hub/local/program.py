"""Runs one of Jupyter's programs as `python -m` does, and starts and ends it sooner.

    python -P -m cygnet_hub.local.program jupyterhub -f jupyterhub_config.py

The program does not import what it can do without, it keeps the bytecode of what it
imports, even where PYTHONDONTWRITEBYTECODE is set for its user's own programs, and
when it has ended in good order, the interpreter is not taken apart object by object.
"""

import atexit
import gc
import logging
import os
import runpy
import sys
from collections.abc import Sequence

UNNEEDED = ("isoduration", "mako.ext.pygmentplugin", "rfc3987_syntax")
"""Optional parts of libraries, whose import takes a tenth of the time of a start.

Formats that no schema of Jupyter's uses, and colours for errors in templates of
database migrations.
"""


def command(name: str, *arguments: str) -> list[str]:
    """Return the command line of a module that `python -m` would run.

    It is for this Python, without the working directory in the module path.
    """
    return [sys.executable, "-P", "-m", "cygnet_hub.local.program", name, *arguments]


def run(name: str, arguments: Sequence[str]) -> None:
    """Run the module that `python -m` would run, and end with its exit code.

    A function that is registered first is called last, after the threads have been
    joined and everything else that wants to be called at the end.
    """
    end = _End()
    atexit.register(end.leave)
    # Otherwise a start compiles all that it imports, again and again.
    sys.dont_write_bytecode = False
    for it in UNNEEDED:
        # Python's documented way to let an import fail.
        sys.modules[it] = None  # type: ignore[assignment]
    # Hardly anything of what a start makes is garbage.
    gc.set_threshold(100_000, 20, 20)
    sys.argv[1:] = arguments
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        end.code = ending.code
        raise
    end.code = 0


class _End:
    """The end of the process, once its program has ended."""

    def __init__(self) -> None:
        self.code: object = "unknown"

    def leave(self) -> None:
        """Leave at once where nothing is left to say; else Python knows better."""
        code = 0 if self.code is None else self.code
        if not isinstance(code, int):
            return
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:])
