"""What of a page matters to people who do not look at it."""

from html.parser import HTMLParser

import httpx
from typing_extensions import override

TAGS = {"img", "script", "link"}


class Outline(HTMLParser):
    """What a person with a keyboard or a screen reader meets on a page."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.assets: list[str] = []
        self.links: list[str] = []
        self.invalid: list[str] = []
        self.feed(page.text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {key: value or "" for key, value in attrs}
        if "id" in has:
            self.ids.append(has["id"])
        if has.get("aria-invalid") == "true":
            self.invalid.append(has["id"])
        if tag == "label":
            self.labelled.add(has["for"])
        if tag in {"input", "select", "textarea"} and has.get("type") != "hidden":
            self.fields.append(has)
        if tag == "a":
            self.links.append(has["href"])
        self.assets += [has[k] for k in ("src", "href") if tag in TAGS and k in has]
