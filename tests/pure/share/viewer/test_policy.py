from cygnet_share.viewer.policy import HEADERS


def test_page_may_do_nothing() -> None:
    policy = dict(
        it.partition(" ")[::2] for it in HEADERS["Content-Security-Policy"].split("; ")
    )

    assert policy == {
        "sandbox": "",
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "font-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"
    assert HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
    assert HEADERS["Cache-Control"] == "private, no-store"
