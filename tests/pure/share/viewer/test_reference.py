import pytest
from cygnet_share.viewer.reference import is_elsewhere, resolve


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("b.ipynb", "../../a/x/b.ipynb"),
        ("../b.ipynb#Two", "../../a/b.ipynb#at-Two"),
        ("../../top%20one.md", "../../top%20one.md"),
        ("./c d.md?download=1", "../../a/x/c%20d.md"),
        ("#Heading-1", "#at-Heading-1"),
        ("b%3Ac.md", "../../a/x/b%3Ac.md"),
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("//example.org/a", "https://example.org/a"),
        ("\\\\example.org\\a", "https://example.org/a"),
        (" HTTPS://example.org", "https://example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_link_leads_to_the_share_or_to_another_site(
    address: str, expected: str
) -> None:
    assert resolve(address, "a/x/page.md") == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "#",
        "?a=b",
        "/hub/logout",
        "../../../hub",
        "..%2f..%2f..%2fhub",
        "..\\..\\..\\hub",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "blob:x",
        "https:example.org",
        "http:///x",
        "http://[",
        "ftp://example.org",
        "../..",
        "a%00b",
    ],
)
def test_link_to_anything_else_is_none(address: str) -> None:
    assert resolve(address, "a/x/page.md") is None


def test_link_of_a_file_at_the_top_is_relative() -> None:
    assert resolve("b.md", "page.md") == "./b.md"
    assert resolve("../b.md", "page.md") is None


def test_other_sites_are_known() -> None:
    assert is_elsewhere("https://example.org")
    assert not is_elsewhere("../b.md")
    assert not is_elsewhere("mailto:a@example.org")
