import pytest
from cygnet_hub.auth import discovery
from cygnet_hub.auth.errors import AnswerError
from cygnet_hub.auth.settings import Oidc

ISSUER = "https://login.example.org"
OIDC = Oidc(issuer=ISSUER, client_id="cygnet")
GOOD: dict[str, object] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def test_least_is_enough() -> None:
    found = discovery.read(GOOD, OIDC)

    assert (found.authorize, found.token) == (f"{ISSUER}/auth", f"{ISSUER}/token")
    assert (found.userinfo, found.end_session, found.revoke) == ("", "", "")
    # The default of OpenID Connect Discovery 1.0, section 3.
    assert found.takes_basic


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"issuer": f"{ISSUER}/"}, "it names the issuer"),
        ({"issuer": None}, "it names the issuer"),
        ({"authorization_endpoint": None}, "authorization_endpoint is missing"),
        ({"token_endpoint": ""}, "token_endpoint is missing"),
        ({"jwks_uri": 7}, "jwks_uri is not an address"),
        ({"token_endpoint": "http://login.example.org/token"}, "with TLS"),
        ({"end_session_endpoint": "javascript:alert(1)"}, "with TLS"),
        ({"userinfo_endpoint": "https://"}, "with TLS"),
        ({"userinfo_endpoint": "https://[x"}, "with TLS"),
    ],
)
def test_unusable_document_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(AnswerError) as caught:
        discovery.read({**GOOD, **wrong}, OIDC)

    assert told in caught.value.detail


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_anything_else_is_refused(document: object) -> None:
    with pytest.raises(AnswerError):
        discovery.read(document, OIDC)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(AnswerError) as caught:
        discovery.read({}, OIDC)

    assert caught.value.detail.count(";") == 3


@pytest.mark.parametrize(
    ("methods", "takes_basic"),
    [(["client_secret_post"], False), (["client_secret_basic"], True), (["x"], False)],
)
def test_secret_goes_where_the_provider_takes_it(
    methods: list[str], *, takes_basic: bool
) -> None:
    sent = {**GOOD, "token_endpoint_auth_methods_supported": methods}

    assert discovery.read(sent, OIDC).takes_basic is takes_basic
