import pytest
from cygnet_share.text_rule import MAX_MARKS, readable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Week 1",
        "<b>Week</b> & “1”",
        "Übung ñ \u01b0\u0303",
        "\u05ea\u05e8\u05d2 1",
        "\u0645\u06cc\u200c\u062e\u0648",
        "👩\u200d👩\u200d👧 family",
        "❤️ hearts",
        "नमस्ते क्\u200dष",
        "x" * 120,
    ],
)
def test_text_of_a_language_is_kept(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "a\nb",
        "a\x1b[2Jb",
        "a\x85b",
        "a\u2028b",
        "\ud800",
        "\ue000",
        "\U0010ffff",
        *(f"gpj{it}exe" for it in "\u202a\u202b\u202c\u202d\u202e"),
        *(f"gpj{it}exe" for it in "\u2066\u2067\u2068\u2069\u200e\u200f\u061c"),
        "zero\u200bwidth",
        "no\ufeffbreak",
        "soft\u00adhyphen",
        "tag\U000e0041",
        "\u200cbegins",
        "ends\u200d",
        "a\u200c\u200cb",
        "a \u200c b",
        " \u3000 ",
        "\u3164",
        "\u2800 \u2800",
        "z" + "\u0335" * (MAX_MARKS + 1),
    ],
)
def test_text_that_reads_as_another_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has"):
        readable(text)
