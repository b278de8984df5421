"""A person's whole way through the service on Kubernetes, in real Chromium."""

import json
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support import notebook
from tests.support.cluster import Cluster
from tests.support.helm import Service
from tests.support.lab import LAB_READY, SLOW_MS, Lab, chromium, keep
from tests.support.source import ROOT

pytestmark = pytest.mark.xdist_group("people")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
EXAMPLE = ROOT / "examples/flights.ipynb"
WALK = "examples/walk.ipynb"
PATIENCE_MS = 3 * SLOW_MS
LAST = """\
import time
def rest(rows):
    time.sleep(1)
    return rows
spark.sparkContext.setJobDescription("a slow count")
spark.sparkContext.parallelize(range(400), 400).mapPartitions(rest).count()
"""


@pytest.fixture
def page() -> Generator[Page]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is missing: `apt-get install chromium` as root.")
    with sync_playwright() as playwright, chromium(playwright, program) as browser:
        expect.set_options(timeout=PATIENCE_MS)
        yield wide(browser)


def wide(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def log_in(page: Page, service: Service, name: str) -> None:
    page.goto(service.url)
    keep(page, "cluster-login")
    page.get_by_role("button", name="Log in with").click()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill("password")
    keep(page, "cluster-provider")
    page.get_by_role("button", name="Sign in").click()


def start(page: Page, service: Service) -> Lab:
    page.goto(f"{service.url}/hub/spawn")
    page.get_by_role("radio", name="Medium").check()
    page.get_by_role("radio", name="Executors").check()
    keep(page, "cluster-form")
    page.get_by_role("button", name="Start my server").click()
    expect(page.get_by_role("log", name="What happens")).to_be_visible()
    keep(page, "cluster-starting")
    expect(page.locator(LAB_READY)).to_be_visible()
    return Lab(page, page.url.split("/lab")[0] + "/")


def with_slow_end(path: Path) -> Path:
    """Write the example with one more cell, which runs until it is stopped."""
    content = json.loads(EXAMPLE.read_text())
    code = next(it for it in content["cells"] if it["cell_type"] == "code")
    content["cells"].append({**code, "id": "slow-end", "source": LAST})
    path.write_text(json.dumps(content))
    return path


class Home:
    """The files of a user, in the pod of the server."""

    def __init__(self, cluster: Cluster, service: Service, user: str) -> None:
        namespace = f"{service.release}-user-{user}"
        self.command = ["--namespace", namespace, "exec", "-i", f"server-{user}", "--"]
        self.kubectl = cluster.kubectl
        self.namespace = namespace

    def put(self, source: Path, name: str) -> None:
        script = ["sh", "-c", f"cat > {name}"]
        self.kubectl(*self.command, *script, stdin=source.read_text())

    def get(self, name: str, target: Path) -> Path:
        target.write_text(self.kubectl(*self.command, "cat", name))
        return target

    def executors(self) -> list[str]:
        chosen = "app.kubernetes.io/component=executor"
        place = ("--namespace", self.namespace, "get", "pods", "-l", chosen)
        running = "--field-selector=status.phase=Running"
        return self.kubectl(*place, running, "-o", "name").split()


def test_person_walks_from_the_login_to_a_saved_notebook(
    page: Page, cluster: Cluster, signed_in_service: Service, tmp_path: Path
) -> None:
    log_in(page, signed_in_service, "carol")
    lab = start(page, signed_in_service)
    home = Home(cluster, signed_in_service, "carol")
    home.put(with_slow_end(tmp_path / "walk.ipynb"), WALK)

    # The flights, from Parquet to a plot, with executors.
    lab.open(WALK)
    lab.wait_for_kernel()
    lab.run_all()
    first = page.get_by_role("region", name="Spark jobs of this cell").first
    expect(first).to_be_visible()
    lab.keep("cluster-flights")
    expect(page.locator(".jp-NotebookPanel img").last).to_be_visible()
    last = len(json.loads(EXAMPLE.read_text())["cells"])

    # A job that goes on, its panel, and Stop.
    lab.show_end()
    panel = lab.panel(last)
    expect(panel.get_by_role("progressbar")).to_be_visible()
    assert len(home.executors()) == 2
    lab.keep("cluster-running")
    panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("status")).to_contain_text("topped")
    lab.wait_for_kernel()
    lab.keep("cluster-stopped")
    lab.save()

    page.reload()
    lab.wait_for_notebook()
    lab.show_end()
    expect(lab.panel(last).get_by_role("status")).to_contain_text("topped")
    # JupyterLab scrolls once more when it has restored the notebook.
    lab.show_end()
    lab.keep("cluster-reloaded")

    saved = home.get(WALK, tmp_path / "saved.ipynb")
    [summary] = notebook.spark_outputs(saved, last)
    assert summary["cell"]["state"] == "stopped"
    [error] = notebook.errors(saved)
    assert "KeyboardInterrupt" not in error
