"""Keeps a notebook's folder off the module path until a cell runs, and then last on it.

Another user may have filled that folder, so kernels start without it, and so do the
imports of a page's first message. An IPython extension of Cygnet's kernels alone: where
the connector is loaded otherwise, the module path stays.
"""

import sys
from pathlib import Path
from typing import Any

from spark_connector.environment import leave_out_relative
from spark_connector.hidden_module import hidden_modules, imported_modules


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython has no types here.
    """Let IPython load the extension, before any other one."""
    leave_out_relative()
    _pin_files(shell)
    folder = _Folder(shell)
    shell.events.register("pre_run_cell", folder.enter)
    shell.events.register("post_run_cell", folder.report)


class _Folder:
    """The working directory as a place for modules."""

    def __init__(self, shell: Any) -> None:  # noqa: ANN401 - As above.
        self._shell = shell
        self._reported: set[str] = set()

    def enter(self, info: Any) -> None:  # noqa: ANN401 - As above.
        """Let modules of the folder be found, once a cell of the user's runs."""
        # Lines of a profile run without a history; they are no cell.
        if not info.store_history:
            return
        self._shell.events.unregister("pre_run_cell", self.enter)
        if "" not in sys.path:
            sys.path.append("")

    def report(self, result: Any) -> None:  # noqa: ANN401 - As above.
        """Report once for each module that an installed one hides it."""
        names = imported_modules(getattr(result.info, "transformed_cell", None) or "")
        try:
            folder = Path.cwd()
        except FileNotFoundError:
            # It was deleted under the kernel, and has no modules.
            return
        for it in hidden_modules(names, folder, sys.modules):
            if it.name not in self._reported:
                self._reported.add(it.name)
                sys.stderr.write(f"{it.text}\n")


def _pin_files(shell: Any) -> None:  # noqa: ANN401 - As above.
    """Resolve a profile's files to run within that profile.

    IPython (9) looks for a relative name in the working directory first.
    """
    for application in shell.configurables:
        files = getattr(application, "exec_files", None)
        if files:
            home = Path(application.ipython_dir)
            pinned = [str(home / Path(file).expanduser()) for file in files]
            application.exec_files = pinned
