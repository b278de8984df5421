import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests.support import notebook
from tests.support.lab import Lab, keep
from tests.support.quick_java import quick_java
from tests.support.running_service import RunningService
from tests.support.waiting import until

NBCONVERT = str(Path(sys.executable).with_name("jupyter-nbconvert"))
# Two folders above each notebook of these tests lies a Java that starts sooner.
CONNECT = """\
import os
os.environ["JAVA_HOME"] = os.path.abspath("../../quick-java")
from spark_connector import connect
spark = connect("local-small")"""
# The first task ends when the test lets it, and so do all others with the whole job.
SLOW_JOB = """\
import time
from pathlib import Path
first, whole, end = (Path(it).absolute() for it in ("first", "whole", "end"))
def rest(index, rows):
    latest = time.monotonic() + 600
    while not whole.exists() and time.monotonic() < latest:
        if index == 0 and first.exists(): break
        time.sleep(0.05)
    return rows
sc = spark.sparkContext
sc.setJobDescription({description!r})
print(sc.parallelize(range(40), 40).mapPartitionsWithIndex(rest).count())
end.touch()
"""
HTML = "<img src=x onerror=\"document.title='broken in'\"><b>bold</b>"


def slow_job(description: str = "a slow count") -> str:
    return SLOW_JOB.format(description=description)


@pytest.fixture
def opened(lab: Lab, service: RunningService, request: pytest.FixtureRequest) -> Path:
    """A notebook whose cells the test names, opened and its kernel ready."""
    path: Path = service.root / request.node.originalname / "notebook.ipynb"
    notebook.write(path, *request.param)
    quick_java(service.root.parent)
    lab.open(place(path))
    lab.wait_for_kernel()
    return path


def place(path: Path) -> str:
    """Name a notebook of these tests as JupyterLab does."""
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("opened", [(f"{CONNECT}\n{slow_job(HTML)}",)], indirect=True)
def test_stop_ends_a_job_while_its_cell_runs(lab: Lab, opened: Path) -> None:
    # The job is in the very cell that makes the session.
    lab.run_all()
    panel = lab.panel(0)
    expect(panel).to_be_visible()
    expect(panel.get_by_role("progressbar")).to_be_visible()
    panel.get_by_role("button", name="Details").click()
    expect(panel.get_by_text("<b>bold</b>")).to_be_visible()
    lab.keep("job-running")

    panel.get_by_role("button", name="Stop").click()

    expect(panel.get_by_role("status")).to_contain_text("topped")
    lab.wait_for_kernel()
    lab.keep("job-stopped")
    assert lab.page.title() != "broken in"
    lab.save()
    [saved] = notebook.spark_outputs(opened, 0)
    assert saved["cell"]["state"] == "stopped"
    assert saved["cell"]["jobs"]["active"] == 0
    [error] = notebook.errors(opened)
    assert "KeyboardInterrupt" not in error


@pytest.mark.parametrize("opened", [(CONNECT, slow_job())], indirect=True)
def test_reload_and_second_browser_show_the_running_job(
    lab: Lab, new_lab: Callable[[], Lab], opened: Path
) -> None:
    lab.run_all()
    expect(lab.panel(1)).to_be_visible()
    lab.save()

    lab.page.reload()
    lab.wait_for_notebook()
    expect(lab.panel(1)).to_be_visible()
    second = new_lab()
    second.open(place(opened))
    expect(second.panel(1)).to_be_visible()
    bars = [it.panel(1).get_by_role("progressbar") for it in (lab, second)]
    befores = [it.get_attribute("aria-valuenow") for it in bars]
    opened.with_name("first").touch()
    for bar, before in zip(bars, befores, strict=True):
        expect(bar).not_to_have_attribute("aria-valuenow", before or "")
    keep(lab.page, "job-after-reload")
    opened.with_name("whole").touch()

    # Nobody's page heard the cell's own output, and both have it.
    for page in (lab, second):
        status = page.panel(1).get_by_role("status")
        expect(status).to_contain_text("ucceeded")
    lab.wait_for_kernel()
    lab.save()
    [saved] = notebook.spark_outputs(opened, 1)
    assert saved["cell"]["state"] == "succeeded"
    assert saved["cell"]["tasks"]["succeeded"] == 40


@pytest.mark.parametrize("opened", [(CONNECT, slow_job())], indirect=True)
def test_browser_that_comes_back_after_the_job_shows_how_it_ended(
    lab: Lab, new_lab: Callable[[], Lab], opened: Path
) -> None:
    lab.run_all()
    expect(lab.panel(1)).to_be_visible()
    lab.page.context.close()
    opened.with_name("whole").touch()
    until(opened.with_name("end").exists, "the job has ended")

    later = new_lab()
    later.open(place(opened))

    status = later.panel(1).get_by_role("status")
    expect(status).to_contain_text("ucceeded")


@pytest.mark.parametrize(
    "opened", [(CONNECT, "spark.range(1000).repartition(8).count()")], indirect=True
)
def test_saved_notebook_shows_the_jobs_without_a_kernel(
    lab: Lab, opened: Path, tmp_path: Path
) -> None:
    lab.run_all()
    expect(lab.panel(1).get_by_role("status")).to_contain_text("ucceeded")
    lab.wait_for_kernel()
    lab.save()
    lonely = opened.with_name("lonely.ipynb")
    lonely.write_bytes(opened.read_bytes())
    notebook.lose_kernel(lonely)

    lab.page.goto(f"{lab.home}lab/tree/{place(lonely)}?reset")
    dialog = lab.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("combobox").select_option(label="No Kernel")
    dialog.get_by_role("button", name="Select").click()

    panel = lab.panel(1)
    expect(panel.get_by_role("status")).to_contain_text("ucceeded")
    expect(panel.get_by_role("button", name="Stop")).to_have_count(0)
    panel.get_by_role("button", name="Details").click()
    lab.keep("saved-without-kernel")

    html = tmp_path / "lonely.html"
    subprocess.run(
        [NBCONVERT, "--to", "html", "--output", str(html), str(lonely)],
        check=True,
        timeout=120,
    )
    page = lab.page.context.new_page()
    page.goto(html.as_uri())
    expect(page.get_by_role("table").first).to_contain_text("count")
    keep(page, "nbconvert")


@pytest.mark.parametrize("opened", [(CONNECT, slow_job())], indirect=True)
def test_kernel_restart_ends_the_panel_truthfully(lab: Lab, opened: Path) -> None:
    lab.run_all()
    expect(lab.panel(1)).to_be_visible()

    lab.choose("Kernel", "Restart Kernel…")
    lab.page.get_by_role("dialog").get_by_role("button", name="Confirm").click()

    expect(lab.panel(1).get_by_role("status")).to_contain_text("kernel")
    keep(lab.page, "kernel-restarted")
    assert opened.exists()


WITH_PID = f"{CONNECT}\nimport os; os.getpid()"


def kernel_of(notebook_path: Path) -> psutil.Process:
    """Find the kernel by what its first cell has printed."""
    [result] = [
        output["data"]["text/plain"]
        for output in notebook.outputs(notebook_path, 0)
        if output["output_type"] == "execute_result"
    ]
    return psutil.Process(int("".join(result)))


@pytest.mark.parametrize("opened", [(WITH_PID, slow_job())], indirect=True)
def test_killed_jvm_is_reported_in_the_panel(lab: Lab, opened: Path) -> None:
    lab.run_all()
    expect(lab.panel(1)).to_be_visible()
    lab.save()
    [jvm] = [it for it in kernel_of(opened).children() if "java" in it.name()]

    jvm.kill()

    status = lab.panel(1).get_by_role("status")
    expect(status).not_to_contain_text("unning")
    keep(lab.page, "jvm-killed")


@pytest.mark.parametrize("opened", [(WITH_PID, slow_job())], indirect=True)
def test_killed_kernel_is_reported_in_the_panel(lab: Lab, opened: Path) -> None:
    lab.run_all()
    expect(lab.panel(1)).to_be_visible()
    lab.save()

    kernel_of(opened).kill()

    expect(lab.panel(1).get_by_role("status")).to_contain_text("Ended with its kernel")
    keep(lab.page, "kernel-killed")
