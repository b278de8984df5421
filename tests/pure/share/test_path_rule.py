import pytest
from cygnet_share import path_rule
from cygnet_share.path_rule import clashes, reason_against


@pytest.mark.parametrize(
    "path",
    ["a", "Été/données 1.csv", "a/b/c.ipynb", "日本語", "x" * 255, "/".join("a" * 20)],
)
def test_ordinary_path_is_taken(path: str) -> None:
    assert reason_against(path) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "empty name"),
        ("/etc/passwd", "empty name"),
        ("a//b", "empty name"),
        ("a/../b", "“..”"),
        ("./a", "“.”"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\udc80", "control"),
        ("a\u2028b", "control"),
        ("photo\u202egpj.exe", "direction"),
        ("a\\b", "backslash"),
        ("e\u0301", "NFC"),
        (".bashrc", "hidden"),
        ("a/.git/config", "hidden"),
        ("a/__pycache__/x.pyc", "__pycache__"),
        ("x" * 256, "255"),
        ("é" * 128, "255"),
        ("/".join(["x" * 200] * 3), "512"),
        ("/".join("a" * 21), "20"),
        pytest.param("\udc80" * 600, "512", id="surrogates"),
    ],
)
def test_path_that_could_do_harm_is_refused(path: str, reason: str) -> None:
    assert reason in (reason_against(path) or "")


def test_what_is_too_long_for_a_path_is_not_kept_in_memory() -> None:
    kept = path_rule._reason_against_name.cache_info().currsize  # noqa: SLF001 - What it costs.

    for i in range(100):
        assert "512" in (reason_against(f"{i}" + "x" * 600) or "")
        assert "512" in (reason_against(f"x{i}/" * 600) or "")

    after = path_rule._reason_against_name.cache_info().currsize  # noqa: SLF001 - As above.
    assert after == kept


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a", "b/a", "c/a"], []),
        (["A", "a"], [("A", "a")]),
        (["ß", "SS"], [("SS", "ß")]),
        (["D/x", "d/y"], [("D", "d")]),
        (["a", "a/b"], [("a", "a/b")]),
    ],
)
def test_paths_that_some_file_system_takes_for_one_clash(
    paths: list[str], expected: list[tuple[str, str]]
) -> None:
    assert list(clashes(paths)) == expected
