import pytest
from cygnet_share.errors import DocumentError
from cygnet_share.viewer import body
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import EMPTY, Frame, Link, page

from tests.support import shown
from tests.support.attack import PATH, attacks, notebook, snippets

SNIPPETS = list(snippets("http://thief.example:81"))
# As they are, browsers do nothing about them.
HARMLESS = {
    "drawing as a picture",
    "our classes",
    "markdown picture",
    "markdown reference",
    "formula with style",
    "formula with a link",
    "places",
}


def page_of(path: str, data: bytes) -> bytes:
    frame = Frame("Share", "Alice", path, "Version 1")
    try:
        return page(frame, body.render(Document(path, data)))
    except DocumentError as error:
        return page(frame, EMPTY, problem=str(error))


@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=str)
def test_file_that_attacks_is_text(name: str, text: str) -> None:
    for attack in attacks(name, text):
        found = page_of(attack.path, attack.data)

        assert shown.dangers(found, attack.path) == [], attack.name


@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=str)
def test_name_that_attacks_is_text(name: str, text: str) -> None:
    path = f"{name}/{text.replace('/', '|')}.md"
    frame = Frame(text, text, path, text, [Link(text, "copy")])

    assert shown.dangers(page(frame, EMPTY, problem=text), path) == []
    assert shown.dangers(page_of(path, b"x"), path) == []


@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=str)
def test_danger_is_found(name: str, text: str) -> None:
    # The judge of the tests above must be able to judge.
    page = page_of(f"{PATH}.md", b"x").replace(b"<p>x</p>", text.encode())

    assert bool(shown.dangers(page, PATH)) == (name not in HARMLESS)


def test_markup_of_a_file_is_none_of_the_page() -> None:
    found = page_of(f"{PATH}.md", b"<p class=problem id=content role=alert>x</p>")

    assert b'<p id="at-content">x</p>' in found


def test_hidden_direction_of_a_name_shows() -> None:
    frame = Frame("Share", "Alice", "photo\u202egpj.ipynb", "Version 1")

    found = shown.text(page(frame, EMPTY))

    assert "photo⟨U+202E⟩gpj.ipynb" in found


def test_notebook_that_attacks_still_shows_its_text() -> None:
    found = shown.text(
        page_of(f"{PATH}.ipynb", notebook("**bold** <script>x</script>"))
    )

    assert "bold" in found
    assert "Left out here, as the viewer runs nothing: script." in found
