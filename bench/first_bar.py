"""A newcomer's first minutes: from `make up` in a clone to the first bar.

What has been committed is cloned into a temporary directory; package caches are as
they are, which after a first run means warm. A robot clicks, so reading time is not
in it. The bar is that of the monitor, under the first cell of `flights.ipynb` that
uses Spark.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.support.lab import SLOW_MS, Lab, chromium, log_in, start_server

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOTEBOOK = "examples/flights.ipynb"
# What would lead the clone back to this checkout's environment.
OURS = {"CI", "MAKEFLAGS", "MAKELEVEL", "PYTHONPATH", "VIRTUAL_ENV"}


def measure() -> float:
    """Do what a newcomer does and give the seconds until the first bar."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("There is no Chromium: run `apt-get install chromium` as root.")
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as folder:
        clone = Path(folder, "cygnet")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S607 - the git that made this checkout.
        began = time.perf_counter()
        with (
            running(clone) as link,
            sync_playwright() as playwright,
            chromium(playwright, program) as browser,
        ):
            page = browser.new_page()
            page.set_default_timeout(SLOW_MS)
            expect.set_options(timeout=SLOW_MS)
            log_in(page, link)
            lab = Lab(page, start_server(page))
            lab.open(NOTEBOOK)
            lab.wait_for_kernel()
            lab.run_all()
            page.get_by_role("progressbar", name="Spark tasks").first.wait_for()
            return time.perf_counter() - began


@contextmanager
def running(clone: Path) -> Iterator[str]:
    """Run `make up` in a clone and give the login link; then end everything."""
    home, data = clone.parent / "home", clone.parent / "data"
    home.mkdir()
    environment = {it: os.environ[it] for it in os.environ.keys() - OURS}
    with subprocess.Popen(
        ["make", "up", f"ARGS={home} --data-dir {data}"],  # noqa: S607 - as a newcomer does.
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            yield link_in(service)
        finally:
            program = clone / ".venv/bin/cygnet"
            if program.exists():
                command = [str(program), "stop", "--yes", "--data-dir", str(data)]
                subprocess.run(command, check=True)


def link_in(service: subprocess.Popen[str]) -> str:
    """Wait for the line that is a login link."""
    for line in service.stdout or ():
        print(line, end="", flush=True)
        if "/hub/login-link?token=" in line:
            return line.strip()
    sys.exit("`make up` ended without a login link; its messages are above.")
