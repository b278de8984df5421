import html
from dataclasses import replace

import httpx
import pytest
from cygnet_hub.local import choice, offer
from cygnet_hub.local.choice import LocalChoice
from cygnet_hub.local.machine import Machine
from cygnet_hub.local.memory import Memory
from cygnet_hub.local.offer import MachineOffers
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn import rendering
from cygnet_hub.spawn.landing import LAUNCHER, WORKSPACE, LandingPage
from cygnet_hub.spawn.problem import Refusal
from hypothesis import given
from hypothesis import strategies as st

from tests.support.outline import Outline

OFFERED: MachineOffers = offer.offers(
    Settings(), Machine(4, 16_384, frozenset({"flights.ipynb"}))
)


FORM = choice.form(OFFERED)
FIELDS = FORM.names
PROPOSED = LocalChoice(OFFERED.opens, OFFERED.cores, OFFERED.memory)


def sent(**fields: str) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in fields.items()}


def refused(**fields: str) -> Refusal:
    parsed = FORM.parse(sent(**fields))
    assert isinstance(parsed, Refusal)
    return parsed


def invalid(page: str) -> list[str]:
    return Outline(httpx.Response(200, text=page)).invalid


def test_form_becomes_a_choice() -> None:
    parsed = FORM.parse(sent(opens="workspace", cores="2", memory="1.5 GB"))

    assert parsed == LocalChoice(WORKSPACE, 2, Memory(1536))


def test_missing_fields_have_the_proposed_values() -> None:
    assert FORM.parse({}) == PROPOSED
    assert FORM.parse({"cores": ()}) == PROPOSED


def test_all_problems_come_at_once_in_the_order_of_the_form() -> None:
    refusal = refused(memory="much", opens="vi", cores="0", colour="red")

    assert [p.field for p in refusal.problems] == [*FIELDS, "colour"]
    assert all(p.reason and p.remedy for p in refusal.problems)
    assert refusal.fields == {"opens": "vi", "cores": "0", "memory": "much"}


@pytest.mark.parametrize("cores", ["", "0", "5", "-1", "two", "1.5", "٢", "9" * 5000])
def test_cores_outside_the_machine_are_refused(cores: str) -> None:
    (problem,) = refused(cores=cores).problems

    assert problem.field == "cores"
    assert problem.remedy == "give a whole number from 1 to 4"
    assert len(problem.reason) < 120


@pytest.mark.parametrize("memory", ["", "511m", "17g", "2", "lots"])
def test_memory_outside_the_machine_is_refused(memory: str) -> None:
    (problem,) = refused(memory=memory).problems

    assert problem.field == "memory"
    assert "from 512m to 16g" in problem.remedy


@pytest.mark.parametrize("memory", ["512m", "16g"])
def test_limits_themselves_are_accepted(memory: str) -> None:
    assert isinstance(FORM.parse(sent(memory=memory)), LocalChoice)


def test_last_choice_is_remembered() -> None:
    chosen = LocalChoice(LAUNCHER, 3, Memory(4096))

    assert FORM.remembered(chosen.fields()) == chosen


def test_remembered_choice_gives_way_where_it_no_longer_holds() -> None:
    fields = {"opens": "gone", "cores": "64", "memory": "3g", "old": "x", "n": 3}

    remembered = FORM.remembered(fields)

    assert remembered == replace(PROPOSED, memory=Memory(3072))


@given(st.dictionaries(st.text(), st.lists(st.text())))
def test_any_form_is_answered(fields: dict[str, list[str]]) -> None:
    parsed = FORM.parse(fields)

    if isinstance(parsed, Refusal):
        assert parsed.problems
        assert set(parsed.fields) == set(FIELDS)
    else:
        assert 1 <= parsed.cores <= OFFERED.max_cores
        assert OFFERED.min_memory <= parsed.memory <= OFFERED.max_memory


@given(
    st.sampled_from(OFFERED.openings),
    st.integers(1, OFFERED.max_cores),
    st.integers(OFFERED.min_memory.mib, OFFERED.max_memory.mib),
)
def test_every_possible_choice_survives_the_form(
    opens: LandingPage, cores: int, mib: int
) -> None:
    chosen = LocalChoice(opens, cores, Memory(mib))

    assert FORM.parse(sent(**chosen.fields())) == chosen


def test_form_labels_each_field_and_selects_the_choice() -> None:
    page = rendering.render(FORM.parts, PROPOSED.fields())

    for name in FIELDS:
        assert f'<label for="{name}">' in page
        assert f'name="{name}"' in page
    assert '<option value="flights" selected>' in page
    assert "aria-invalid" not in page
    assert "not limited by it" in page


def test_form_shows_problems_next_to_their_fields() -> None:
    refusal = refused(cores="0", colour="red")

    page = rendering.render(FORM.parts, refusal.fields, refusal.problems)

    assert invalid(page) == ["cores"]
    assert 'id="cores-problem"' in page
    assert "There is no field “colour”" in page


def test_form_keeps_what_was_sent_as_text() -> None:
    nasty = '"><script>alert(1)</script>'
    refusal = refused(memory=nasty, opens=nasty)

    page = rendering.render(FORM.parts, refusal.fields, refusal.problems)

    assert "<script" not in page
    assert html.escape(nasty, quote=False)[:12] in page.replace("&#34;", '"')
