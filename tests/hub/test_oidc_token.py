"""What a hostile or broken provider sends, each with the reason in the hub's log."""

from collections.abc import Generator

import pytest

from tests.support.hub import heading
from tests.support.oidc import OidcHub, oidc_hub


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[OidcHub]:
    with oidc_hub(tmp_path_factory.mktemp("tokens")) as hub:
        yield hub


@pytest.fixture
def hub(shared: OidcHub) -> Generator[OidcHub]:
    shared.provider.reset()
    yield shared
    shared.forget_people()


def test_login_goes_on_after_the_provider_changed_its_keys(hub: OidcHub) -> None:
    assert hub.person("alice").log_in().is_success
    hub.provider.order("keys")

    assert hub.person("alice").log_in().is_success
    assert hub.provider.count("jwks") == 2


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        ("audience", "Audience doesn't match"),
        ("audiences", "another client (azp)"),
        ("party", "another client (azp)"),
        ("issuer", "Invalid issuer"),
        ("nonce", "its nonce is not that of this login"),
        ("nonceless", "its nonce is not that of this login"),
        ("expired", "it has expired"),
        ("future", "it is of the future"),
        ("endless", 'missing the "exp" claim'),
        ("subjectless", 'missing the "sub" claim'),
        ("hash", "does not belong to the access token"),
        ("signature", "Signature verification failed"),
        ("unknownKey", "no key 'nobody-knows-this-key'"),
        ("none", "algorithm is 'none'"),
        ("symmetric", "algorithm is 'HS256'"),
        ("missing", "there is none"),
        ("nonsense", "DecodeError"),
        ("number", "there is none"),
        ("list", "not a JSON object"),
        ("html", "not a JSON object"),
        ("deep", "not a JSON object"),
        ("huge", "/token"),
    ],
)
def test_bad_answer_is_refused(hub: OidcHub, tamper: str, reason: str) -> None:
    hub.provider.order("tamper", tamper)
    known = len(hub.log)
    alice = hub.person("alice")

    page = alice.log_in()

    assert page.status_code in {502, 503}
    assert heading(page) in {
        "The login was not accepted",
        "Nobody can log in at the moment",
    }
    assert reason in hub.log[known:]
    assert "Traceback" not in page.text + hub.log[known:]
    assert "alert(1)" not in page.text
    assert "jupyterhub-hub-login" not in alice.http.cookies
    assert not alice.is_in


def test_good_answer_is_taken(hub: OidcHub) -> None:
    assert hub.person("alice").log_in().url.path == "/hub/home"


def test_unknown_keys_are_seldom_asked_for(hub: OidcHub) -> None:
    hub.provider.order("tamper", "unknownKey")
    for _ in range(3):
        assert hub.person("alice").log_in().status_code == 502

    # Once at first and once after the change of keys, less than a minute ago.
    assert hub.provider.count("jwks") == 2
