import codecs

import pytest
from cygnet_share.viewer import text as readable


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\r\nb\rc", "a\nb\nc"),
        (b"a\0\x07\x1b[1mb", "a[1mb"),
        (b"\xff\xfeh\0i\0", "hi"),
        (codecs.BOM_UTF8 + "é".encode(), "é"),
        (b"caf\xe9", "caf\ufffd"),
        ("\ufdd00\ufdd1".encode(), "0"),
    ],
)
def test_bytes_are_read_as_text(data: bytes, expected: str) -> None:
    assert readable.decode(data) == expected


def test_lone_surrogate_becomes_a_mark() -> None:
    assert readable.clean("a\ud800b") == "a?b"
    assert readable.clean_terminal("a\ud800\x1b[1m\r\n\0") == "a?\x1b[1m\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", True),
        (b"a", True),
        (b"a\0", False),
        (b"\xe9", False),
        (b"\xff\xfea\0", True),
    ],
)
def test_text_is_known_by_its_bytes(data: bytes, expected: bool) -> None:  # noqa: FBT001 - A table.
    assert readable.is_text(data) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 bytes"),
        (1_500, "1.5 kB"),
        (20_000_000, "20.0 MB"),
        (10**13, "10000.0 GB"),
    ],
)
def test_size_is_words(size: int, expected: str) -> None:
    assert readable.size_words(size) == expected


def test_long_text_is_cut_with_a_sentence() -> None:
    assert readable.cut("abc", 3) == ("abc", "")
    assert readable.cut("x" * 1_234_570, 3) == (
        "xxx",
        "1\u202f234\u202f567 more characters are not shown.",
    )
