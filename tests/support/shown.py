"""What a browser makes of a page of the viewer, and what it may not find there."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

TAGS = re.compile(
    # Of the page itself.
    "html|head|meta|title|style|body|header|nav|main"
    # Of what it shows.
    "|a|abbr|acronym|b|bdi|bdo|blockquote|br|caption|center|cite|code|col|colgroup|data"
    "|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|h[1-6]|hr|i|img|ins|kbd|li|mark"
    "|ol|p|pre|q|rp|rt|rtc|ruby|s|samp|small|span|strike|strong|sub|summary|sup|table"
    "|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|wbr"
    # Of formulas.
    "|math|menclose|mfrac|mi|mmultiscripts|mn|mo|mover|mpadded|mphantom|mprescripts"
    "|mroot|mrow|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder"
    "|munderover|none"
    # Text, comments and the kind of document have no tags.
    "|-.*|"
)
ATTRIBUTES = re.compile(
    "align|alt|aria-label|charset|class|colspan|content|datetime|dir|headers|height|href|id|lang"
    "|name|open|rel|reversed|role|rowspan|scope|span|src|start|style|tabindex|title"
    "|type|valign|value|width"
    # Of formulas.
    "|accent|accentunder|columnalign|columnlines|columnspacing|depth|display"
    "|displaystyle|fence|form|largeop|linethickness|lspace|mathvariant|maxsize|minsize"
    "|movablelimits|notation|rowlines|rowspacing|rspace|scriptlevel|separator|stretchy"
    "|symmetric"
)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*")
STYLE = re.compile(r"[\w\s:;#%.,()-]*")
REL = {"noopener", "noreferrer", "nofollow"}


def nodes(html: bytes) -> Iterator[LexborNode]:
    """Give all elements of a page."""
    root = LexborHTMLParser(html.decode()).root
    assert root is not None
    return root.traverse()


def text(html: bytes) -> str:
    """Give what a reader reads of a page."""
    body = LexborHTMLParser(html.decode()).body
    assert body is not None
    return body.text()


def dangers(html: bytes, path: str) -> list[str]:
    """Give whatever a page of a file may not have."""
    found = []
    styles = 0
    for node in nodes(html):
        tag = node.tag or ""
        styles += tag == "style"
        if not TAGS.fullmatch(tag):
            found.append(f"<{tag}>")
        for name, value in node.attributes.items():
            if not ATTRIBUTES.fullmatch(name):
                found.append(f"<{tag} {name}>")
            elif not is_harmless(node, name, value or "", path):
                found.append(f"<{tag} {name}={value!r}>")
    return found + (["<style>"] if styles != 1 else [])


def is_harmless(node: LexborNode, name: str, value: str, path: str) -> bool:
    """Check whether an attribute loads nothing and leads to where links may."""
    match name:
        case "src":
            return node.tag == "img" and PICTURE.fullmatch(value) is not None
        case "href":
            return node.tag == "a" and is_link(node, value, path)
        case "style":
            return STYLE.fullmatch(value) is not None and "url" not in value
        case "id":
            return value.startswith(("at-", "cell-")) or value == "content"
        case _:
            return True


def is_link(node: LexborNode, value: str, path: str) -> bool:
    """Check whether a link leads to a file of the share or to another site."""
    parts = urlsplit(value)
    if parts.scheme in {"http", "https", "mailto"}:
        rel = set((node.attributes.get("rel") or "").split())
        return rel >= REL and (bool(parts.netloc) or parts.scheme == "mailto")
    target = posixpath.normpath(
        posixpath.join("/share/1", posixpath.dirname(path), unquote(parts.path))
    )
    is_ours = target == "/share/1" or target.startswith("/share/1/")
    return not parts.scheme and not parts.netloc and is_ours
