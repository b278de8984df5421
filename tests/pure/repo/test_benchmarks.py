"""The page of the benchmarks keeps what was not measured again."""

from bench import report
from bench.report import Row
from tests.support.source import ROOT

PAGE = (ROOT / "docs/developing/benchmarks.md").read_text()


def test_section_is_replaced_and_others_stay() -> None:
    record = {"machine": {"cores": "2"}, "extent": "one pair", "at": "2026-01-02T03:04"}
    anew = report.section("start", record, [Row("figure", "new", "-", "-")])

    page = report.document(PAGE, {"start": anew})

    assert "**How much.** one pair; 2026-01-02." in page
    # What was there before comes back with its own section.
    title = f"## {report.SECTIONS['start'].title}\n"
    former = PAGE[PAGE.index(title) :].partition("\n\n## ")[0]
    assert report.document(page, {"start": former.strip()}) == PAGE


def test_page_is_written_again_as_it_is() -> None:
    assert report.document(PAGE, {}) == PAGE
