"""What the version before left is read by this one: settings, record, choices, logins.

`tests/data/former` has what version 0.1.0 wrote before its modules got packages. A
file there is never rewritten: a change that these tests refuse needs a way to read it.
"""

import json
from typing import Any

from cygnet_hub.auth.session import LoginSession
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.kubernetes import choice as pod_choice
from cygnet_hub.local import choice, offer, process_tree, settings
from cygnet_hub.local.machine import Machine
from cygnet_hub.local.process_tree import Identity
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import state_file

from tests.support.offered import offered
from tests.support.source import ROOT

FORMER = DataDirectory(ROOT / "tests/data/former")
WRITTEN: dict[str, Any] = json.loads((FORMER.path / "choices.json").read_text())
NAMES = {
    "settings.json",
    "service.json",
    "hub.sqlite",
    "cookie_secret",
    "login-links",
    "lock",
}


def test_settings_of_the_version_before_are_read() -> None:
    found = settings.saved(FORMER.settings)

    assert found is not None
    assert (found.hub_port, found.proxy_api_port) == (28255, 28407)
    assert found.api_token.get_secret_value() == "a-token-of-the-tests"
    written = json.loads(FORMER.settings.read_text())
    # A newer version may add some, and renames none.
    assert set(found.model_dump(by_alias=True)) >= set(written)
    assert found.sharing


def test_record_of_the_version_before_is_read() -> None:
    found = state_file.read(FORMER.record)

    assert found is not None
    assert found.hub == Identity(11281, 1795820845.24)
    assert found.servers == (Identity(11394, 1795820850.98),)


def test_files_have_the_names_from_before() -> None:
    found = (
        *(FORMER.settings, FORMER.record, FORMER.database, FORMER.cookie_secret),
        *(FORMER.login_links, FORMER.lock),
    )

    assert {it.name for it in found} == NAMES


def test_processes_of_the_version_before_are_found() -> None:
    # A server that runs has them in its environment, which never changes.
    assert process_tree.SERVICE_VARIABLE == "CYGNET_SERVICE"
    assert process_tree.MARK == "CYGNET_NOTEBOOK_SERVER"


def test_choice_on_one_machine_fills_the_form() -> None:
    form = choice.form(offer.offers(Settings(), Machine(4, 16_384, frozenset())))

    found = form.remembered(WRITTEN["machine"])

    assert isinstance(found, choice.LocalChoice)
    assert found.fields() == WRITTEN["machine"]


def test_choice_on_kubernetes_fills_the_form() -> None:
    found = pod_choice.form(offered("astro")).remembered(WRITTEN["kubernetes"])

    assert isinstance(found, pod_choice.PodChoice)
    assert found.fields() == WRITTEN["kubernetes"]


def test_login_of_the_version_before_goes_on() -> None:
    found = LoginSession.load(WRITTEN["auth_state"])

    assert found is not None
    assert found.state() == WRITTEN["auth_state"]
