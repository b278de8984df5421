import base64

import pytest
from cygnet_share.viewer import picture

PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\n\n\n\nWEBP", "webp"),
    ],
)
def test_picture_is_known_by_its_bytes(data: bytes, name: str) -> None:
    packed = base64.b64encode(data).decode()

    assert picture.from_bytes(data) == f"data:image/{name};base64,{packed}"
    assert picture.from_base64(f" {packed}\n") == f"data:image/{name};base64,{packed}"


@pytest.mark.parametrize("text", ["", "x", 'iVBORw0KGgo="><script>', "PHN2Zz4=", "é"])
def test_what_is_no_picture_has_no_address(text: str) -> None:
    assert picture.from_base64(text) is None
    assert picture.from_bytes(text.encode()) is None


def test_drawing_is_a_picture_only_as_such() -> None:
    packed = base64.b64encode(b"<svg/>").decode()

    assert picture.from_svg("<svg/>") == f"data:image/svg+xml;base64,{packed}"
    assert picture.from_svg("<html>") is None
    address = f"data:image/svg+xml;base64,{packed}"
    assert picture.from_address(address) == address
    assert picture.from_address("data:image/svg+xml,<svg/>") is None
    assert picture.from_address("data:text/html;base64,PHN2Zz4=") is None
    assert picture.from_address("data:image/svg+xml;base64,/w==") is None
