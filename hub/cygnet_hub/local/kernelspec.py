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
OWN = Path("share", "jupyter", "kernels", NAME)
"""Where the environment offers its kernel to programs that run in it."""
EXTENSIONS = """\
# Cygnet's part of the kernels of this environment. Your own profile is read after it.
from ipykernel.kernelapp import IPKernelApp

c = get_config()  # noqa
# The folder of a notebook is looked at once a cell has begun, and last.
c.InteractiveShellApp.ignore_cwd = True
# These are loaded whatever a profile says; a list in the configuration would replace
# that of a profile, or be replaced by it.
ours = ["spark_connector.folder", "spark_monitor", "spark_connector"]
kernel = IPKernelApp.instance()
kernel.default_extensions = [*kernel.default_extensions, *ours]
"""
"""The content of that file."""


def specification(python: Path) -> dict[str, object]:
    """Return the content of `kernel.json` for an environment's interpreter.

    The kernel starts without its working directory in the module path (`-P`), because
    another user may have filled that.
    """
    command = [str(python), "-P", "-Xfrozen_modules=off"]
    return {
        "argv": [*command, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python (Cygnet)",
        "language": "python",
        "metadata": {"debugger": True},
    }
