import asyncio
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from cygnet_hub.kubernetes import choice
from cygnet_hub.local import offer
from cygnet_hub.local.choice import form as local_form
from cygnet_hub.local.machine import Machine
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn.errors import FormError
from cygnet_hub.spawn.failure import Failure
from cygnet_hub.spawn.form_spawner import FormSpawner
from cygnet_hub.spawn.options_form import OptionsForm, SpawnChoice
from cygnet_hub.spawn.rescue import MOVED
from tornado.web import HTTPError
from typing_extensions import override

from tests.support.offered import offered
from tests.support.source import ROOT

DATA = ROOT / "tests/data/form"
MACHINE = Machine(4, 16_384, frozenset({"flights.ipynb"}))
FORMS: Mapping[str, OptionsForm[SpawnChoice]] = {
    "machine": local_form(offer.offers(Settings(), MACHINE)),  # type: ignore[dict-item]  # Read alone.
    "kubernetes": choice.form(offered("ml")),  # type: ignore[dict-item]  # As well.
}
LAST: Mapping[str, Mapping[str, str]] = {
    "machine": {"opens": "workspace", "cores": "2", "memory": "3g"},
    "kubernetes": {
        "image": "torch",
        "size": "large",
        "cluster": "kubernetes",
        "opens": "launcher",
        "packages": "without",
    },
}
WRONG: Mapping[str, Mapping[str, str]] = {
    "machine": {"opens": "vi", "cores": "0", "memory": "<b>"},
    "kubernetes": {"image": "older", "size": "gpu", "cluster": "kubernetes"},
}
both = pytest.mark.parametrize("place", FORMS)


class Form(FormSpawner[SpawnChoice]):
    """A form as a spawner has it, with what JupyterHub sets of it."""

    def __init__(self, place: str, last: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.place, self.count, self.handler = place, 0, None
        self.orm_spawner = SimpleNamespace(user_options=last)
        self.moved = MOVED if place == "kubernetes" else ()

    @property
    @override
    def form(self) -> OptionsForm[SpawnChoice]:
        self.count += 1
        return FORMS[self.place]

    def page(self, **query: str) -> str:
        """Render it for an address with a query."""
        arguments = {k: [v.encode()] for k, v in query.items()}
        request = SimpleNamespace(query_arguments=arguments)
        self.handler = SimpleNamespace(request=request)
        lines = map(str.strip, asyncio.run(self.get_options_form()).splitlines())
        return "".join(f"{it}\n" for it in lines if it)

    def send(self, **fields: str) -> object:
        """Read what a browser sends."""
        return self._read_form({k: (v,) for k, v in fields.items()})

    def call(self, **options: str) -> None:
        """Apply what the REST API brings."""
        self._apply(options)


def expected(name: str, page: str, request: pytest.FixtureRequest) -> str:
    file = DATA / f"{name}.html"
    if request.config.getoption("--update-test-data"):
        file.write_text(page)
    return file.read_text()


@both
def test_first_form_is_the_known_one(
    place: str, request: pytest.FixtureRequest
) -> None:
    page = Form(place).page()

    assert page == expected(f"{place}_first", page, request)


@both
def test_refused_form_is_the_known_one(
    place: str, request: pytest.FixtureRequest
) -> None:
    form = Form(place)
    with pytest.raises(FormError):
        form.send(**WRONG[place], colour="red", start="soon")

    page = form.page()

    assert page == expected(f"{place}_refused", page, request)
    assert form.page() == Form(place).page(), "a refusal is shown once"


@both
def test_form_after_a_failed_start_is_the_known_one(
    place: str, request: pytest.FixtureRequest
) -> None:
    form = Form(place, LAST[place])
    form.failure = Failure("It ended.", "Start again.", is_own=True)

    page = form.page(start="rescue")

    assert page == expected(f"{place}_last", page, request)


@both
def test_link_fills_in_the_same_as_the_last_choice(place: str) -> None:
    linked = Form(place).page(**LAST[place])
    prefixed = Form(place).page(**{f"opt-{k}": v for k, v in LAST[place].items()})

    assert linked == prefixed == Form(place, LAST[place]).page(utm="x")
    assert linked != Form(place).page()


@both
def test_sent_form_is_what_is_remembered_and_applied(place: str) -> None:
    form = Form(place)

    kept = form.send(**LAST[place], _xsrf="t")
    form.call(**LAST[place])

    assert kept == LAST[place]
    assert form.chosen is not None
    assert form.chosen.fields() == LAST[place]
    assert form.default_url == form.chosen.opens.url


@both
def test_rescue_start_is_applied_but_never_proposed(place: str) -> None:
    form = Form(place)

    kept = form.send(**LAST[place], start="rescue")

    assert kept == {**LAST[place], "start": "rescue"}
    assert Form(place, {**LAST[place], "start": "rescue"}).page() == (
        Form(place, LAST[place]).page()
    )


@both
def test_offers_are_made_once_a_request(place: str) -> None:
    form = Form(place, LAST[place])

    form.page(cores="1", image="older")
    assert form.count == 1
    with pytest.raises(FormError):
        form.send(colour="red")
    form.page()
    assert form.count == 2


@both
def test_rest_api_is_refused_with_every_problem(place: str) -> None:
    with pytest.raises(HTTPError) as caught:
        Form(place).call(**WRONG[place], colour="red")

    reported = str(caught.value.log_message)
    assert caught.value.status_code == 400
    assert reported.startswith("Nothing was started")
    assert reported.count("; ") >= 2
    assert "there is no field “colour”" in reported
