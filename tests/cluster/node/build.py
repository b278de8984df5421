"""Builds all that the test cluster runs, as far as it is not built already."""

from concurrent.futures import ThreadPoolExecutor

from tests.cluster.node import debian, image, tool
from tests.cluster.node.place import CACHE, ROOT
from tests.cluster.node.program import phase, run
from tests.support.lock import alone

WHEEL = ".venv/done/built-wheel"


def build() -> None:
    """Build the tools and, meanwhile, the images, which mostly download."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        parts = [pool.submit(tool.build), pool.submit(_images)]
        for part in parts:
            part.result()


def _images() -> None:
    with alone(CACHE / "lock-images"):
        with phase("building the wheel"):
            run("make", "--silent", WHEEL, cwd=ROOT)
        debian.make()
        image.build(debian.NAME)
