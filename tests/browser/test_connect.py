import pytest
from playwright.sync_api import expect

from tests.support import notebook
from tests.support.lab import Lab
from tests.support.running_service import RunningService

WEAK = """\
title: Quick but open
description: Trades protection for speed.
owner: A community
options:
  spark.authenticate: "false"
"""
OWN = """\
from pyspark.sql import SparkSession
own = SparkSession.builder.master("local[1]").getOrCreate()
print(own.range(10).count())
"""


@pytest.fixture
def cells(request: pytest.FixtureRequest, lab: Lab, service: RunningService) -> Lab:
    path = service.root / f"{request.node.originalname}.ipynb"
    lab.open(notebook.write(path, *request.param).name)
    lab.wait_for_kernel()
    return lab


@pytest.mark.parametrize(
    "cells",
    [("print('before', 'spark' in globals())", "spark.range(7).count()")],
    indirect=True,
)
def test_panel_connects_and_gives_spark_to_the_notebook(
    cells: Lab, service: RunningService
) -> None:
    lab = cells
    panel = lab.sidebar()
    expect(panel.get_by_role("status").first).to_contain_text("Not connected")
    lab.keep("panel-disconnected")

    # A bundle that weakens security is refused before anything starts, with all
    # that a person needs to mend it; a new file is seen without a restart.
    (service.bundles / "open.yaml").write_text(WEAK)
    lab.page.get_by_role("tab", name="File Browser").click()
    panel = lab.sidebar()
    panel.get_by_label("Quick but open").check()
    panel.get_by_role("button", name="Connect", exact=True).click()
    problems = panel.get_by_role("region", name="Problems")
    expect(problems).to_contain_text("spark.authenticate")
    expect(problems).to_contain_text("open.yaml")
    lab.keep("panel-refused")
    panel.get_by_label("Quick but open").uncheck()

    # The kernel stays usable while the session is made, and the log is live.
    panel.get_by_label("This machine, small").check()
    panel.get_by_role("button", name="Connect", exact=True).click()
    expect(panel.get_by_role("log", name="Connection log")).to_contain_text("Java")
    lab.run_all()
    expect(lab.cell(0).get_by_text("before False")).to_be_visible()
    expect(panel.get_by_role("status").first).to_contain_text("Connected")
    expect(panel.get_by_role("region", name="Protection")).to_contain_text(
        "authenticated and encrypted"
    )
    lab.keep("panel-connected")

    lab.run_all()
    jobs = lab.panel(1).get_by_role("status")
    expect(jobs).to_contain_text("ucceeded")
    # A count is two jobs, and the first has succeeded before the second begins; who
    # disconnects while one runs is asked first.
    lab.wait_for_kernel()
    expect(jobs).to_contain_text("ucceeded")
    panel.get_by_role("button", name="Disconnect").click()
    expect(panel.get_by_role("status").first).to_contain_text("Not connected")


@pytest.mark.parametrize("cells", [(OWN,)], indirect=True)
def test_session_of_the_persons_own_works_and_shows_an_open_lock(cells: Lab) -> None:
    lab = cells
    panel = lab.sidebar()

    lab.run_all()

    expect(lab.panel(0).get_by_role("status")).to_contain_text("ucceeded")
    expect(panel.get_by_role("status").first).to_contain_text("session of your own")
    expect(panel.get_by_role("region", name="Protection")).to_be_visible()
    lab.keep("panel-foreign")
