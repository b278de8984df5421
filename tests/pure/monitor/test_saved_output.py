import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from spark_monitor import saved_output
from spark_monitor.frame import SavedCell
from spark_monitor.wire import decode, parse
from tests.support.source import ROOT

DATA = ROOT / "tests/data/monitor"
MIME_TYPE = "application/vnd.cygnet.spark+json"


def saved(name: str) -> SavedCell:
    return parse(SavedCell, (DATA / f"saved_{name}.json").read_text())


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    @override
    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("succeeded", "Spark: 1 job, 3 stages, 210 tasks, 8.0 s, 2 cores — succeeded"),
        ("failed", "Spark: 31 jobs, 31 stages, 124 tasks, 400 ms, 2 cores — failed"),
        ("stopped", "Spark: 1 job, 2 stages, 202 tasks, 3.0 s, 2 cores — stopped"),
    ],
)
def test_line_reports_what_ran(name: str, line: str) -> None:
    bundle = saved_output.bundle(saved(name))

    assert bundle["text/plain"] == line
    assert line in Reader(bundle["text/html"]).text


def test_rich_part_is_the_saved_cell() -> None:
    bundle = saved_output.bundle(saved("failed"))

    assert set(bundle) == {MIME_TYPE, "text/html", "text/plain"}
    assert decode(SavedCell, json.loads(json.dumps(bundle[MIME_TYPE]))) == saved(
        "failed"
    )


def test_table_shows_job_and_reason() -> None:
    text = Reader(saved_output.bundle(saved("failed"))["text/html"]).text

    assert "Job aborted: Überlauf in der Zeile 7 — Ελλάδα …" in text
    assert "2/4, 2 failed" in text
    assert "… and 30 more jobs" in text


def test_names_stay_text() -> None:
    page = saved_output.bundle(saved("succeeded"))["text/html"]

    reader = Reader(page)
    assert "delay by carrier <b>& hour</b>" in reader.text
    assert reader.tags.count("b") == 1


def test_page_brings_nothing_that_runs_or_loads() -> None:
    reader = Reader(saved_output.bundle(saved("failed"))["text/html"])

    assert set(reader.tags) <= {
        *("div", "b", "table", "thead", "tbody", "tr", "th", "td", "br")
    }
    assert reader.attributes <= {"style", "scope"}


def test_page_has_no_colour_that_one_theme_hides() -> None:
    page = saved_output.bundle(saved("failed"))["text/html"]

    assert "color:" not in page.replace("background-color", "")
    assert "#" not in page.replace("&#", "")


@settings(deadline=None)
@example(40, "&" * 200, '"\n' * 200)
@given(
    st.integers(0, 40),
    st.text(max_size=200),
    st.one_of(st.none(), st.text(max_size=400)),
)
def test_bundle_stays_small(count: int, name: str, error: str | None) -> None:
    whole = saved("failed")
    listed = whole.cell.job_list[0]
    job = replace(listed, name=name, error=error, stage_list=(), stages_omitted=2)
    cell = replace(whole.cell, job_list=(job,) * count, jobs_omitted=31 - count)

    bundle = saved_output.bundle(replace(whole, cell=cell))

    rich = json.dumps(bundle.pop(MIME_TYPE), ensure_ascii=False)
    assert sum(len(text.encode()) for text in (rich, *bundle.values())) <= 16 * 1024
    left = decode(SavedCell, json.loads(rich)).cell
    assert len(left.job_list) + left.jobs_omitted == 31


def test_lost_application_is_reported() -> None:
    whole = saved("failed")
    lost = replace(whole, application=replace(whole.application, state="lost"))

    assert saved_output.sentence(lost).endswith(
        "— failed, the JVM of the application ended"
    )


def test_running_work_is_reported() -> None:
    whole = saved("succeeded")
    cell = replace(whole.cell, state="running", ended_ms=None)

    line = saved_output.sentence(replace(whole, cell=cell))

    assert line == "Spark: 1 job, 3 stages, 210 tasks, 8.1 s, 2 cores — still running"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-5, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (59_999, "59.9 s"),
        (192_000, "3 min 12 s"),
        (7_500_000, "2 h 5 min"),
    ],
)
def test_duration_reads_well(milliseconds: int, text: str) -> None:
    assert saved_output.duration(milliseconds) == text
