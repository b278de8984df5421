"""Formulas in LaTeX as MathML, of nothing but elements that are known."""

import re
from html import unescape
from typing import Final
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter
from markupsafe import Markup, escape

LONGEST: Final = 10_000
"""How many characters a formula has at most; a longer one is shown as it is written."""

_ELEMENTS = re.compile(
    "math|menclose|mfrac|mi|mmultiscripts|mn|mo|mover|mpadded|mphantom|mprescripts"
    "|mroot|mrow|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder"
    "|munderover|none"
)
_ATTRIBUTES = re.compile(
    "accent|accentunder|columnalign|columnlines|columnspacing|depth|display"
    "|displaystyle|fence|form|height|largeop|linethickness|lspace|mathvariant|maxsize"
    "|minsize|movablelimits|notation|rowlines|rowspacing|rspace|scriptlevel|separator"
    "|stretchy|symmetric|width"
)


def markup(latex: str, *, is_block: bool) -> Markup:
    """Give a formula; one that cannot be read is shown as it is written."""
    element = _converted(latex, is_block=is_block)
    if element is not None:
        return Markup("").join(_written(element))
    return Markup('<code class="formula">{}</code>').format(latex)


def _converted(latex: str, *, is_block: bool) -> Element | None:
    """Convert a formula, or give None.

    Notes
    -----
    latex2mathml's own `convert` (3.81) does not escape: `<script>` in a formula comes
    out as an element. The tree that it builds is used instead.
    """
    if len(latex) > LONGEST:
        return None
    converter = Converter(display="block" if is_block else "inline")
    try:
        return converter.convert_to_element(latex)
    except Exception:  # noqa: BLE001 - It fails in many ways on what is no LaTeX.
        return None


def _written(element: Element) -> list[Markup]:
    """Write an element and what is in it, for those that are known."""
    name = element.tag if _ELEMENTS.fullmatch(element.tag) else "mrow"
    attributes = Markup("").join(
        Markup(' {}="{}"').format(key, value)
        for key, value in element.attrib.items()
        if _ATTRIBUTES.fullmatch(key)
    )
    # The converter writes characters as references.
    inside = [escape(unescape(element.text or ""))]
    for child in element:
        inside += _written(child)
    opening = Markup("<{}{}>").format(name, attributes)
    return [opening, *inside, Markup("</{}>").format(name)]
