import re
from itertools import product

import pytest
from cygnet_share.viewer.page import EMPTY, Frame, Link, page
from cygnet_share.viewer.template import fill
from markupsafe import Markup

from tests.support import shown

FRAME = Frame(
    "Delays", "Alice", "a/b/c.ipynb", "Version 2", [Link("Make a copy", "/copy?id=1")]
)
COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")
GROUNDS = {"ground", "block"}
READABLE = 4.5
"""The contrast of text that WCAG 2.2 asks for at level AA."""


def test_page_says_what_it_shows_and_where() -> None:
    found = page(FRAME, Markup("<main id=content>x</main>")).decode()

    assert "<title>c.ipynb · Delays</title>" in found
    assert '<a href="../../"><bdi>Delays</bdi></a>' in found
    assert '<a href="../"><bdi>a</bdi></a>' in found
    assert '<a href="./"><bdi>b</bdi></a>' in found
    assert "Shared by <bdi>Alice</bdi>. Version 2" in found
    assert '<a href="/copy?id=1">Make a copy</a>' in found
    assert "<main id=content>x</main>" in found


def test_body_stands_in_its_place_whatever_a_name_holds() -> None:
    hostile = Frame("\ufdd0\ufdd1", "\ufdd0", "\ufdd0\ufdd1", "\ufdd0\ufdd1")

    for body in (Markup("<main>x</main>"), b"<main>x</main>"):
        found = page(hostile, body)
        assert found.endswith(b"</header>\n<main>x</main>\n</body>\n</html>")


def test_problem_stands_where_the_file_would() -> None:
    found = page(FRAME, EMPTY, problem="It takes too long.").decode()

    assert '<p class="problem" role="alert">It takes too long.</p>' in found
    assert found.count("<main") == 1


def test_page_without_folders_leads_to_its_share() -> None:
    found = page(Frame("Delays", "Alice", "c.ipynb", "Version 2"), EMPTY).decode()

    assert '<a href="./"><bdi>Delays</bdi></a>' in found
    assert "actions" not in found.partition("</style>")[2]


def test_page_has_no_script_and_one_style() -> None:
    tags = [it.tag for it in shown.nodes(page(FRAME, EMPTY))]

    assert "script" not in tags
    assert tags.count("style") == 1


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(it * 2 for it in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    linear = [
        it / 12.92 if it <= 0.04 else ((it + 0.055) / 1.055) ** 2.4 for it in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable(theme: str) -> None:
    light, dark = fill("page.css").split("@media", 1)
    colours = dict(COLOUR.findall(light if theme == "light" else dark))
    inks = colours.keys() - GROUNDS - {"line"}

    for ink, ground in product(inks, GROUNDS):
        pair = sorted(luminance(colours[it]) for it in (ink, ground))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= READABLE, (ink, ground)
    assert len(inks) > 25
