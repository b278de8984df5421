"""What every kernel of ours loads, whatever its user's profile says."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import kernel_place

OURS = ["spark_connector.folder", "spark_monitor", "spark_connector"]
CODE = """
from IPython.core.application import BaseIPythonApplication
from ipykernel.kernelapp import IPKernelApp
app = IPKernelApp.instance()
BaseIPythonApplication.initialize(app, [])
print(*app.default_extensions, *app.extensions, *app.extra_extensions, app.ignore_cwd)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    spec = kernel_place.make(tmp_path_factory.mktemp("place"))
    argv = spec["argv"]
    assert isinstance(argv, list)
    return str(argv[0])


@pytest.mark.parametrize("file", ["ipython_config.py", "ipython_kernel_config.py"])
@pytest.mark.parametrize("name", ["extensions", "extra_extensions"])
def test_extensions_of_the_user_and_ours_are_loaded(
    python: str, tmp_path: Path, file: str, name: str
) -> None:
    text = f"c.InteractiveShellApp.{name} = ['mine']\n"
    variables = kernel_place.profile(tmp_path, file, text)

    done = subprocess.run(
        [python, "-P", "-c", CODE],
        env={**os.environ, **variables},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    *loaded, ignores_folder = done.stdout.split()
    assert [it for it in loaded if it in OURS] == OURS
    assert loaded.count("mine") == 1
    assert "storemagic" in loaded
    assert ignores_folder == "True"
