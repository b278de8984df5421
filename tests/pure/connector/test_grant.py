import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_connector import grant
from spark_connector.grant import (
    EXECUTOR_VARIABLES,
    VARIABLES,
    ExecutorGrant,
    Grant,
    Variable,
)
from tests.support.source import PACKAGES

TABLE: tuple[Variable[Grant] | Variable[ExecutorGrant], ...] = (
    *VARIABLES,
    *EXECUTOR_VARIABLES,
)
TEXT = st.from_regex(r"[a-z0-9./:-]{1,20}", fullmatch=True)
NAMES = st.lists(st.from_regex(r"[a-z0-9/-]{1,20}", fullmatch=True), max_size=3)
SIZES = st.from_regex(r"[1-9][0-9]{0,3}[mg]", fullmatch=True)
COUNTS = st.integers(1, 10**6)
EXECUTORS = st.builds(
    ExecutorGrant,
    most=COUNTS,
    cores=COUNTS,
    cpu_request=TEXT,
    memory=SIZES,
    disk=TEXT,
    disk_request=TEXT,
    placement=st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, min_size=1)),
)
GRANTS = st.builds(
    Grant,
    cores=st.none() | COUNTS,
    memory=st.just("") | SIZES,
    bundles=NAMES.map(tuple),
    cluster_type=st.sampled_from(["", "local", "kubernetes"]),
    cluster=st.just("") | TEXT,
    user=st.just("") | TEXT,
    image=st.just("") | TEXT,
    host=st.just("") | TEXT,
    authorities=st.just("") | TEXT,
    share_url=st.just("") | TEXT,
    pull_secrets=NAMES.map(tuple),
    executors=st.none() | EXECUTORS,
)


@given(GRANTS)
def test_what_the_hub_writes_is_what_the_connector_reads(granted: Grant) -> None:
    assert grant.read(grant.write(granted)) == granted


def test_table_has_each_field_once() -> None:
    own = {it.name for it in fields(Grant)} - {"executors"}

    assert {it.field for it in VARIABLES} == own
    assert {it.field for it in EXECUTOR_VARIABLES} == {
        it.name for it in fields(ExecutorGrant)
    }
    assert len({it.name for it in TABLE}) == len(TABLE)


def test_what_cannot_be_read_counts_as_not_given() -> None:
    strange = {it.name: "" for it in VARIABLES} | {
        "CYGNET_SPARK_CORES": "many",
        "CYGNET_SPARK_MEMORY": "big",
        "CYGNET_MAX_EXECUTORS": "-1",
        "CYGNET_EXECUTOR_CORES": "0",
        "CYGNET_EXECUTOR_MEMORY": "1 GB or so",
        "CYGNET_EXECUTOR_PLACEMENT": "[1]",
    }

    assert grant.read(strange) == Grant(executors=ExecutorGrant())
    assert grant.read({}) == Grant()


@pytest.mark.parametrize("variable", TABLE, ids=lambda it: it.name)
def test_variable_is_named_in_the_table_alone_and_read_by_somebody(
    variable: Variable[Grant],
) -> None:
    table = PACKAGES["spark_connector"] / "grant.py"
    others = [
        (it, it.read_text())
        for package in PACKAGES.values()
        for it in package.rglob("*.py")
        if it != table
    ]
    read = re.compile(rf"\b(granted|executors)\.{variable.field}\b")

    assert [path for path, text in others if variable.name in text] == []
    readers = ("cygnet_lab", "spark_connector")
    assert any(
        read.search(text) and any(path.is_relative_to(PACKAGES[it]) for it in readers)
        for path, text in others
    )
