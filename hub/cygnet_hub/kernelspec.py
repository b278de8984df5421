"""What makes a Python environment a kernel of ours, wherever it was installed.

The kernel's specification, which JupyterLab offers, and IPython's configuration, which
loads our extensions into every kernel of that environment.
"""

from pathlib import Path

NAME = "python3"
"""The name that fresh notebooks ask for."""
CONFIG = Path("etc", "ipython", "ipython_kernel_config.py")
"""Where the configuration belongs in the environment.

Read by nbconvert and papermill too, as the file belongs to sys.prefix.
"""
EXTENSIONS = """\
c = get_config()  # noqa
c.InteractiveShellApp.extensions = ["spark_monitor", "spark_connector"]
"""
"""The content of that file."""


def specification(python: Path) -> dict[str, object]:
    """Return the content of `kernel.json`.

    Parameters
    ----------
    python
        The environment's interpreter.

    Returns
    -------
    dict
        For JSON.
    """
    command = [str(python), "-Xfrozen_modules=off"]
    return {
        "argv": [*command, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python (Cygnet)",
        "language": "python",
        "metadata": {"debugger": True},
    }
