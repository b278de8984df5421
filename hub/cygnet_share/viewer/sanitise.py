"""HTML of another person's, without whatever could act or come from elsewhere.

nh3 keeps the elements and attributes that are listed here. Pictures stay where the
page holds them; of each other one its text stays, and a link below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

import nh3
from markupsafe import Markup

from cygnet_share.viewer import picture
from cygnet_share.viewer.reference import PREFIX, is_elsewhere, resolve
from cygnet_share.viewer.text import INSERTION, clean

MAX_DEPTH: Final = 200
"""How deep elements may be nested; time grows with the square of it."""

_TAGS = (nh3.ALLOWED_TAGS | {"tfoot"}) - {
    "area",
    "article",
    "aside",
    "footer",
    "header",
    "hgroup",
    "map",
    "nav",
}
_ATTRIBUTES = {
    "*": {"align", "dir", "id", "lang", "style", "title", "valign"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"colspan", "headers", "rowspan", "scope"},
}
_STYLES = {
    "background-color",
    "color",
    "font-style",
    "font-weight",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
}
_PLAIN_STYLE = re.compile(r"[\w\s:;#%.,()-]*")
_SCHEMES = {"attachment", "data", "http", "https", "mailto"}
_LINK = "noopener noreferrer nofollow"
_SILENT = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "select",
    "textarea",
    "title",
    "audio",
    "video",
    "canvas",
}
_ACTIVE = re.compile(
    r"<(script|iframe|object|embed|svg|form|input|button|canvas|video|audio)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,20})")
# Whose end may be left out, and those that have none: they do not nest by themselves.
_LEAVES = re.compile(
    "area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|rp|rt"
    "|source|tbody|td|tfoot|th|thead|tr|track|wbr"
)
_ANY_TAG = re.compile(r"<[^>]*>")
_PLACE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_OTHER_SOURCE = re.compile(f' src="{INSERTION[0]}([^"]*)"')
_UP = re.compile(r"(?:\.\.?/)+")
_ALTERNATIVE = re.compile(' alt="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Sanitised:
    """HTML as a page may have it."""

    shown: Markup
    notes: Markup
    """What is missing, for the reader."""

    @property
    def is_empty(self) -> bool:
        """Check whether a reader sees nothing of it."""
        # `Markup.striptags` (3.0) copies the whole text for each tag.
        return "<img" not in self.shown and not _ANY_TAG.sub("", self.shown).strip()


@dataclass(frozen=True, slots=True)
class _Filter:
    """Decides about the attributes of one piece of HTML."""

    path: str
    attachments: Mapping[str, str]
    links: dict[str, None] = field(default_factory=dict)
    """Addresses of the pictures that are not loaded, in order."""

    def attribute(self, _: str, name: str, value: str) -> str | None:
        """Give the value of an attribute, or None where it must go."""
        # None of our insertions may stand in an attribute.
        value = clean(value)
        if name == "href":
            return resolve(value, self.path)
        if name == "src":
            return self._source(value)
        if name == "style":
            is_plain = _PLAIN_STYLE.fullmatch(value) and "url" not in value.lower()
            return value if is_plain else None
        if name == "headers":
            return " ".join(f"{PREFIX}{it}" for it in value.split())
        return value

    def _source(self, value: str) -> str | None:
        """Give the address of a picture that is there, or mark one that is not."""
        if value.startswith("attachment:"):
            return self.attachments.get(value.removeprefix("attachment:"))
        if value.strip().lower().startswith("data:"):
            return picture.from_address(value)
        address = resolve(value, self.path)
        if address is None:
            return None
        self.links[address] = None
        return f"{INSERTION[0]}{address}"


def sanitise(
    html: str, path: str, attachments: Mapping[str, str] = MappingProxyType({})
) -> Sanitised:
    """Give HTML of another person's as markup of the page.

    Parameters
    ----------
    html
        After `clean`, but for the insertions of our own, which stay where text is.
    path
        The path of the document in its share.
    attachments
        Names of pictures to addresses that hold them.
    """
    if _is_deep(html):
        words = "This part is nested too deeply to be shown. Open the file to see it."
        return Sanitised(Markup(""), Markup('<p class="note">{}</p>').format(words))
    chosen = _Filter(path, attachments)
    kept = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_SILENT,
        attributes=_ATTRIBUTES,
        attribute_filter=chosen.attribute,
        link_rel=_LINK,
        url_schemes=_SCHEMES,
        filter_style_properties=_STYLES,
        id_prefix=PREFIX,
    )
    shown = Markup(_PLACE.sub(_instead, kept))  # noqa: S704 - It was sanitised.
    return Sanitised(shown, _left_out(html) + _links(list(chosen.links)))


def _instead(found: re.Match[str]) -> str:
    """Give what stands in place of a picture that is not loaded."""
    source = _OTHER_SOURCE.search(found[1])
    if source is None and " src=" in found[1]:
        return found[0]
    words = _ALTERNATIVE.search(found[1])
    name = unescape(words[1]) if words else ""
    return Markup('<span class="absent">[Picture{}]</span>').format(
        f": {name}" if name else ""
    )


def _links(addresses: list[str]) -> Markup:
    """List the pictures that are not loaded."""
    if not addresses:
        return Markup("")
    items = Markup("").join(
        Markup('<li><a href="{}" rel="{}">{}</a></li>').format(it, _LINK, _title(it))
        for it in addresses
    )
    words = "Pictures are shown where the file itself holds them. These are elsewhere:"
    return Markup('<div class="note"><p>{}</p><ul>{}</ul></div>').format(words, items)


def _title(address: str) -> str:
    """Give an address as people read it: of a file, its path in the share."""
    return address if is_elsewhere(address) else unquote(_UP.sub("", address, count=1))


def _left_out(html: str) -> Markup:
    """Say which parts are missing that a reader may look for."""
    names = sorted({it.lower() for it in _ACTIVE.findall(html)})
    if not names:
        return Markup("")
    return Markup(
        '<p class="note">Left out here, as the viewer runs nothing: {}. Open the file '
        "to use it.</p>"
    ).format(", ".join(names))


def _is_deep(html: str) -> bool:
    """Check whether elements are nested deeply, as far as the tags show."""
    opened: dict[str, int] = {}
    depth = 0
    for is_end, name in _TAG.findall(html):
        tag = name.lower()
        if _LEAVES.fullmatch(tag):
            continue
        count = opened.get(tag, 0)
        if not is_end:
            opened[tag] = count + 1
            depth += 1
        elif count:
            opened[tag] = count - 1
            depth -= 1
        if depth > MAX_DEPTH:
            return True
    return False
