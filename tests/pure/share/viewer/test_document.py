import pytest
from cygnet_share.viewer.document import Document, Kind


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("a.ipynb", b"", Kind.NOTEBOOK),
        ("a.MD", b"\xff", Kind.MARKDOWN),
        ("a.csv", b"a,b", Kind.TABLE),
        ("a.csv", b"\0\1", Kind.OTHER),
        ("a.svg", b"<svg/>", Kind.DRAWING),
        ("a.html", b"<p>", Kind.SOURCE),
        ("a.py", b"x", Kind.SOURCE),
        ("a.py", b"caf\xe9", Kind.TEXT),
        ("Makefile", b"x", Kind.SOURCE),
        ("notes", b"x", Kind.TEXT),
        ("empty", b"", Kind.OTHER),
        ("a.png", b"\x89PNG\r\n\x1a\n", Kind.PICTURE),
        ("a.txt", b"GIF89a", Kind.PICTURE),
        ("a.png", b"<svg onload=x>", Kind.TEXT),
        ("a.parquet", b"PAR1\0", Kind.OTHER),
    ],
)
def test_file_is_shown_by_what_it_is(path: str, data: bytes, kind: Kind) -> None:
    assert Document(path, data).kind is kind
