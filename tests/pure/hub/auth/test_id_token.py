import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cygnet_hub.auth import id_token
from cygnet_hub.auth.errors import AnswerError
from cygnet_hub.auth.id_token import LEEWAY, Login, Signed
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
KEYS = [
    {**json.loads(RSAAlgorithm.to_jwk(RSA.public_key())), "kid": "rsa", "use": "sig"},
    {**json.loads(ECAlgorithm.to_jwk(CURVE.public_key())), "kid": "ec"},
    {**json.loads(RSAAlgorithm.to_jwk(OTHER.public_key())), "kid": "x", "use": "enc"},
]
SIGNED = Signed("https://login.example.org", "cygnet")
LOGIN = Login("the-nonce", access_token="the-access-token")  # noqa: S106 - Of a test.


def claims(**more: object) -> dict[str, object]:
    good: dict[str, object] = {
        "iss": SIGNED.issuer,
        "aud": "cygnet",
        "sub": "somebody",
        "nonce": "the-nonce",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
    }
    return {name: it for name, it in {**good, **more}.items() if it is not None}


def check(login: Login = LOGIN, now: datetime = NOW, **more: object) -> str:
    token = jwt.encode(claims(**more), RSA, "RS256", {"kid": "rsa"})
    return str(id_token.verify_login(token, KEYS, SIGNED, login, now)["sub"])


def test_good_token_is_taken() -> None:
    assert check() == "somebody"
    assert check(aud=["cygnet"]) == "somebody"
    assert check(aud=["cygnet", "other"], azp="cygnet") == "somebody"
    assert check(at_hash=id_token.half_hash("the-access-token", "RS256"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"iss": "https://evil.example.org"}, "issuer"),
        ({"iss": None}, "iss"),
        ({"aud": "other"}, "Audience"),
        ({"aud": None}, "aud"),
        ({"aud": ["cygnet", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["the-nonce"]}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "not a number"),
        ({"exp": True}, "not a number"),
        ({"iat": None}, "iat"),
        ({"at_hash": "other"}, "access token"),
        ({"at_hash": 7}, "access token"),
    ],
)
def test_bad_claim_is_refused(more: dict[str, object], told: str) -> None:
    with pytest.raises(AnswerError) as caught:
        check(LOGIN, NOW, **more)

    assert told in caught.value.detail


def test_clocks_may_differ_a_little() -> None:
    end, start = NOW + timedelta(minutes=5), NOW
    assert check(now=end + LEEWAY - SECOND)
    assert check(now=start - LEEWAY)
    with pytest.raises(AnswerError, match="checks"):
        check(now=end + LEEWAY)
    with pytest.raises(AnswerError, match="checks"):
        check(now=start - LEEWAY - SECOND)
    later = int((NOW + LEEWAY + SECOND).timestamp())
    with pytest.raises(AnswerError, match="checks"):
        check(nbf=later)


def test_refresh_is_about_the_same_person() -> None:
    refresh = Login("the-nonce", "somebody")

    assert check(refresh, nonce=None) == "somebody"
    with pytest.raises(AnswerError):
        check(refresh, sub="somebody-else")
    with pytest.raises(AnswerError):
        check(refresh, nonce="other")


def test_other_asymmetric_signature_is_taken() -> None:
    token = jwt.encode(claims(), CURVE, "ES256", {"kid": "ec"})

    assert id_token.verify_login(token, KEYS, SIGNED, LOGIN, NOW)


SECRET = "a-secret-that-is-long-enough-for-the-algorithm"  # noqa: S105 - Of a test.
BAD: dict[str, object] = {
    "other key": jwt.encode(claims(), OTHER, "RS256", {"kid": "rsa"}),
    "key for encryption": jwt.encode(claims(), OTHER, "RS256", {"kid": "x"}),
    "unknown key": jwt.encode(claims(), RSA, "RS256", {"kid": "unknown"}),
    "key of another type": jwt.encode(claims(), RSA, "RS256", {"kid": "ec"}),
    "no signature": jwt.encode(claims(), "", "none", {"kid": "rsa"}),
    "shared secret": jwt.encode(claims(), SECRET, "HS256", {"kid": "rsa"}),
    "no token": "a.b.c",
    "nothing": None,
    "list": [],
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
def test_bad_signature_is_refused(token: object) -> None:
    with pytest.raises(AnswerError):
        id_token.verify_login(token, KEYS, SIGNED, LOGIN, NOW)


def test_changed_token_is_refused() -> None:
    head, _, tail = jwt.encode(claims(), RSA, "RS256", {"kid": "rsa"}).split(".")
    body = jwt.encode(claims(sub="boss"), OTHER, "RS256").split(".")[1]

    with pytest.raises(AnswerError):
        id_token.verify_login(f"{head}.{body}.{tail}", KEYS, SIGNED, LOGIN, NOW)


def test_shared_secret_in_the_key_set_counts_for_nothing() -> None:
    octets = {"kty": "oct", "k": "YS1zZWNyZXQ", "kid": "oct", "alg": "HS256"}
    token = jwt.encode(claims(), SECRET, "HS256", {"kid": "oct"})

    with pytest.raises(AnswerError):
        id_token.verify_login(token, [octets], SIGNED, LOGIN, NOW)


def test_token_without_a_key_id_fits_one_key_alone() -> None:
    token = jwt.encode(claims(), RSA, "RS256")

    assert id_token.verify_login(token, KEYS[:1], SIGNED, LOGIN, NOW)
    two = [{**it, "use": "sig"} for it in (KEYS[0], KEYS[2])]
    with pytest.raises(AnswerError):
        id_token.verify_login(token, two, SIGNED, LOGIN, NOW)
