"""Markdown as Jupyter writes it: tables, formulas, attachments, and HTML sanitised."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from cygnet_share.viewer import formula, source
from cygnet_share.viewer.reference import PREFIX
from cygnet_share.viewer.sanitise import sanitise
from cygnet_share.viewer.text import INSERTION, clean

MAX_NESTING: Final = 50
"""How deep lists and quotes are nested in what is read as Markdown."""

_LOWEST = 6
_INSERTED = re.compile(f"{INSERTION[0]}([0-9]{{1,9}}){INSERTION[1]}")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document."""

    level: int
    """From 1 to 6."""
    text: str
    anchor: str
    """The id of its element."""


@dataclass(slots=True)
class Anchors:
    """Gives each heading of a page an id that no other one has."""

    _used: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> str:
        """Give the id of a heading, without `PREFIX`: JupyterLab's for the first."""
        name = _BLANKS.sub("-", text.strip()) or "-"
        self._used[name] += 1
        count = self._used[name]
        return name if count == 1 else f"{name}-{count}"


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown as a page shows it."""

    html: Markup
    headings: tuple[Heading, ...]
    """In order."""


@dataclass(slots=True)
class _Found:
    """What is found in one text."""

    anchors: Anchors
    inserted: list[Markup] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)

    def insert(self, markup: Markup) -> str:
        """Give what stands for markup of our own until the rest is sanitised."""
        self.inserted.append(markup)
        return f"{INSERTION[0]}{len(self.inserted) - 1}{INSERTION[1]}"

    def insertion(self, place: re.Match[str]) -> Markup:
        """Give the markup for a place; HTML can name places that are none of ours."""
        number = int(place[1])
        return self.inserted[number] if number < len(self.inserted) else Markup("")


def render(
    text: str,
    path: str,
    anchors: Anchors,
    attachments: Mapping[str, str] = MappingProxyType({}),
) -> Prose:
    """Give Markdown as a page shows it.

    Parameters
    ----------
    text
        After `clean`.
    path
        The path of the document in its share.
    anchors
        Of the page.
    attachments
        Names of pictures to addresses that hold them.
    """
    found = _Found(anchors)
    tokens = _PARSER.parse(text)
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            _mark(token, tokens[i + 1], tokens[i + 2], found)
        for it in (token, *(token.children or ())):
            _replace(it, found)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    kept = sanitise(html, path, attachments)
    whole = Markup(_INSERTED.sub(found.insertion, kept.shown))  # noqa: S704 - It was sanitised.
    return Prose(whole + kept.notes, tuple(found.headings))


def _mark(opening: Token, inside: Token, closing: Token, found: _Found) -> None:
    """Give a heading an anchor, one level below the heading of the page."""
    wanted = {"text", "code_inline", "math_inline", "image"}
    parts = (it.content for it in inside.children or () if it.type in wanted)
    text = clean("".join(parts)).strip()
    anchor = found.anchors.add(text)
    level = int(opening.tag[1:])
    found.headings.append(Heading(level, text, f"{PREFIX}{anchor}"))
    opening.attrSet("id", anchor)
    opening.tag = closing.tag = f"h{min(level + 1, _LOWEST)}"


def _replace(token: Token, found: _Found) -> None:
    """Put markup of our own in place of code and formulas."""
    text = token.content.strip()
    match token.type:
        case "fence" | "code_block":
            language = (token.info.split() or [""])[0]
            markup = source.of_language(token.content, language)
        case "math_inline":
            markup = formula.markup(text, is_block=False)
        case "math_inline_double" | "math_block" | "amsmath":
            markup = formula.markup(text, is_block=True)
        case _:
            return
    token.type = "html_block" if token.block else "html_inline"
    token.content = found.insert(markup)


def _parser() -> MarkdownIt:
    """Make the parser."""
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    dollarmath_plugin(
        parser, allow_digits=False, allow_labels=False, double_inline=True
    )
    amsmath_plugin(parser)
    return parser


_PARSER = _parser()
