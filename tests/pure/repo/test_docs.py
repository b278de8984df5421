"""Documents: what they link to and what is said of them elsewhere is there."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest
import yaml

from scripts import write_cli
from tests.support.source import ROOT, project_files

DOCS = ROOT / "docs"
DOCUMENTS = [it for it in project_files(".md") if it.parent != ROOT / "changelog.d"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
MENTION = re.compile(r"\bdocs/[\w/.-]+\.md(?:#[\w-]+)?")
PATH = re.compile(
    r"`((?:bench|examples|extensions|helm|hub|images|scripts|spark_\w+|tests)/[^\s`]+)`"
)
MADE = re.compile(r"/(artifacts|jars|labextension|lib)/|<")
"""What is built, or stands for several names."""
CALL = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
SITE = yaml.load(  # The only tag names a function of a Markdown extension.
    (ROOT / "mkdocs.yml").read_text().replace("!!python/name:", ""), yaml.SafeLoader
)


def prose(path: Path) -> str:
    """Give a document without its blocks of code."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", path.read_text())


@cache
def anchors(path: Path) -> frozenset[str]:
    """Give the anchors of a document's headings, as MkDocs and GitHub make them."""
    titles = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", it).strip().lower() for it in titles)
    return frozenset(it.replace(" ", "-") for it in plain)


def is_there(target: str, place: Path) -> bool:
    """Whether a path, with or without an anchor, leads somewhere from a document."""
    name, _, anchor = target.partition("#")
    path = Path(os.path.normpath(place.parent / name)) if name else place
    return path.exists() and (not anchor or anchor in anchors(path))


def pages(part: object) -> Iterator[str]:
    """Give the pages of a part of the site's navigation."""
    if isinstance(part, str):
        yield part
    else:
        assert isinstance(part, dict | list)
        for inner in part.values() if isinstance(part, dict) else part:
            yield from pages(inner)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda it: str(it.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    links = [it for it in LINK.findall(prose(path)) if "://" not in it]

    assert [it for it in links if not is_there(it, path)] == []


def test_documents_that_code_names_are_there() -> None:
    history = {ROOT / "CHANGELOG.md", *(ROOT / "changelog.d").iterdir()}
    dead = {
        f"{path.relative_to(ROOT)}: {found}"
        for path in [it for it in project_files() if it not in history]
        for found in MENTION.findall(path.read_text(errors="ignore"))
        if not is_there(found, ROOT / "README.md")
    }

    assert dead == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda it: str(it.relative_to(ROOT)))
def test_files_that_a_document_names_are_there(path: Path) -> None:
    text = path.read_text()
    named = [it for it in PATH.findall(text) if not MADE.search(it)]
    tests = [f"tests/**/{it}" for it in re.findall(r"`(test_\w+\.py)`", text)]

    assert [it for it in named + tests if not [*ROOT.glob(it)]] == []


def is_shipped(path: Path) -> bool:
    """Whether users see the texts of a file; those of tests stand for nothing."""
    shipped = ("hub", "spark_connector", "spark_monitor", "extensions")
    return path.relative_to(ROOT).parts[0] in shipped and "test" not in path.parts


def test_messages_that_users_look_up_are_those_of_the_code() -> None:
    first = re.findall(
        r"^\| (.*?) \|", (DOCS / "using/problems.md").read_text(), re.MULTILINE
    )
    quoted = [it for cell in first for it in re.findall(r"\*(.+?)\*", cell)]
    suffixes = (".py", ".ts", ".html")
    code = "\n".join(
        it.read_text() for it in project_files(*suffixes) if is_shipped(it)
    )
    # A text of several lines of code is one, and names and numbers stand for others.
    said = re.sub(r"""["'] *\n\s*(?:\+ )?f?["']""", "", code)
    parts = [it for text in quoted for it in re.split(r"…|'\w+'|\b\d+\b", text)]
    fixed = [it.strip(" :") for it in parts if len(it.strip(" :")) > len("of")]

    assert len(fixed) >= 12
    assert [it for it in fixed if it not in said] == []


def test_site_has_each_page_once() -> None:
    # The hooks of `scripts/docs_site.py` add documents of the root.
    added = {"developing/contributing.md", "security/reporting.md"}
    written = {it.relative_to(DOCS).as_posix() for it in DOCS.rglob("*.md")}

    assert sorted(pages(SITE["nav"])) == sorted(written | added)


def test_calls_of_the_reference_exist() -> None:
    calls = CALL.findall((DOCS / "reference/api.md").read_text())

    assert len(calls) >= 4
    assert all(callable(resolve_name(it)) for it in calls)


def test_commands_are_documented() -> None:
    # `make docs` writes the page again.
    assert write_cli.DOCUMENT.read_text() == write_cli.text()
