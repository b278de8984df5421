import pytest
from cygnet_hub.auth import user
from cygnet_hub.auth.errors import RefusedError
from cygnet_hub.auth.settings import Oidc
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

OIDC = Oidc(
    issuer="https://login.example.org",
    client_id="cygnet",
    allowed_groups=("staff",),
    admin_groups=("operators",),
)


def claims(**more: object) -> dict[str, object]:
    return {"sub": "1", "preferred_username": "ada", "groups": ["staff"], **more}


def test_users_are_distinguished_by_issuer_and_subject() -> None:
    other = OIDC.model_copy(update={"issuer": "https://other.example.org"})
    found = user.identify(claims(), OIDC)

    assert found == user.identify(claims(preferred_username="Ada"), OIDC)
    assert found.identity != user.identify(claims(sub="2"), OIDC).identity
    assert found.identity != user.identify(claims(), other).identity


@pytest.mark.parametrize("name", ["ada.l", "a", "ada@example.org", "x_1-y+z", "7"])
def test_usual_names_are_taken(name: str) -> None:
    assert user.identify(claims(preferred_username=name), OIDC).name == name


@given(st.text())
def test_taken_names_are_safe(name: str) -> None:
    try:
        found = user.identify(claims(preferred_username=name), OIDC).name
    except RefusedError:
        return
    assert found.isascii()
    assert not set(found) & set("/\\<>&\"'%;:, \t\r\n")
    assert found[0] != "."


def test_address_as_name_must_be_verified() -> None:
    oidc = OIDC.model_copy(update={"username_claim": "email"})
    sent = claims(email="ada@example.org", email_verified=False)

    with pytest.raises(RefusedError, match="has not verified"):
        user.identify(sent, oidc)
    sent["email_verified"] = True
    assert user.identify(sent, oidc).name == "ada@example.org"


def test_groups_are_found_by_a_path() -> None:
    oidc = OIDC.model_copy(update={"groups_claim": "realm_access.roles"})

    found = user.identify(claims(realm_access={"roles": ["staff"]}), oidc)

    assert found.groups == {"staff"}
    assert user.lacks(claims(), oidc)
    assert not user.lacks(claims(), OIDC)


@pytest.mark.parametrize(
    ("groups", "is_in", "is_admin"),
    [
        (["staff"], True, False),
        (["operators"], True, True),
        (["staffs", "Staff"], False, False),
        ([], False, False),
    ],
)
def test_groups_decide(groups: list[str], *, is_in: bool, is_admin: bool) -> None:
    found = user.identify(claims(groups=groups), OIDC)

    assert user.is_admin(found, OIDC) is is_admin
    if is_in:
        user.admit(found, OIDC)
        return
    with pytest.raises(RefusedError, match="“staff”"):
        user.admit(found, OIDC)


def test_all_users_come_in_where_no_group_is_named() -> None:
    oidc = OIDC.model_copy(update={"allowed_groups": (), "admin_groups": ()})
    found = user.identify(claims(groups=[]), oidc)

    user.admit(found, oidc)
    assert user.is_admin(found, oidc) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"issuer": "http://login.example.org"}, "no TLS"),
        ({"token_groups": ("staff",)}, "tokenAudience"),
        ({"issuer": "https://login.example.org?x=1"}, "pattern"),
    ],
)
def test_settings_that_are_not_safe_are_refused(
    wrong: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        Oidc.model_validate({**OIDC.model_dump(), **wrong})
