"""An output of a cell: the richest form that shows something, or what is missing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from cygnet_share.notebook import Json
from cygnet_share.viewer import ansi, formula, picture, prose, spark_panel
from cygnet_share.viewer import text as readable
from cygnet_share.viewer.sanitise import sanitise
from cygnet_share.viewer.saved_notebook import Bundle, Failure, Output, Stream

LONGEST: Final = 100_000
"""How many characters of one output are shown."""

LONGEST_HTML: Final = 2_000_000
"""How many characters the HTML of one output has; longer ones are left out."""

_SILENT = frozenset({"application/vnd.jupyter.widget-state+json"})


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an output stands."""

    path: str
    """The path of the notebook in its share."""
    cell: int
    """The number of the cell, from 1."""
    anchors: prose.Anchors


def render(output: Output, setting: Setting) -> Markup:
    """Give an output as markup."""
    match output:
        case Stream(name, text):
            return _printed(text, name)
        case Failure(summary, traceback):
            return _printed(traceback or summary, "error")
        case _:
            return _result(output.bundle, setting)


def _printed(text: str, name: str) -> Markup:
    """Give what was printed."""
    shown, rest = readable.cut(ansi.settle(text), LONGEST)
    # A person at the keyboard can scroll it.
    return Markup(
        '<pre class="text {}" role="group" tabindex="0" aria-label="{}">{}</pre>{}'
    ).format(name, _LABELS[name], ansi.markup(shown), _note(rest))


_LABELS = {
    "stdout": "Printed",
    "stderr": "Printed as a warning or error",
    "error": "Error",
    "plain": "Result",
}


def _note(words: str) -> Markup:
    """Give a sentence about an output, or nothing."""
    return Markup('<p class="note">{}</p>').format(words) if words else Markup("")


def _result(bundle: Bundle, setting: Setting) -> Markup:
    """Give the first form that shows something."""
    for name, write in _WRITERS.items():
        if name in bundle:
            written = write(bundle[name], setting)
            if written is not None:
                return written
    names = sorted(readable.clean(it)[:100] for it in bundle if it not in _SILENT)
    if not names:
        return Markup("")
    listed = ", ".join(names[:5])
    return _note(
        f"An output is here that the viewer cannot show ({listed}). Open the notebook "
        "to see it."
    )


def _text_of(value: Json) -> str | None:
    """Give the text of a form, which may be a list of lines."""
    if isinstance(value, list):
        value = "".join(it for it in value if isinstance(it, str))
    return value if isinstance(value, str) else None


def _spark(value: Json, _: Setting) -> Markup:
    """Show a saved Spark panel."""
    return spark_panel.markup(value)


def _html(value: Json, setting: Setting) -> Markup | None:
    """Show HTML."""
    text = _text_of(value)
    if text is None or len(text) > LONGEST_HTML:
        return None
    written = sanitise(readable.clean(text), setting.path)
    if written.is_empty:
        return None
    return Markup('<div class="html">{}</div>{}').format(written.shown, written.notes)


def _markdown(value: Json, setting: Setting) -> Markup | None:
    """Show Markdown."""
    text = _text_of(value)
    if text is None:
        return None
    written = prose.render(readable.clean(text), setting.path, setting.anchors)
    return Markup('<div class="prose">{}</div>').format(written.html)


def _picture(value: Json, setting: Setting) -> Markup | None:
    """Show a picture."""
    text = _text_of(value)
    return None if text is None else _shown(picture.from_base64(text), setting)


def _drawing(value: Json, setting: Setting) -> Markup | None:
    """Show a picture in SVG, which may be packed."""
    text = _text_of(value)
    if text is None:
        return None
    return _shown(picture.from_svg(readable.clean(text)), setting)


def _shown(address: str | None, setting: Setting) -> Markup | None:
    """Show the picture at an address that holds it."""
    if address is None:
        return None
    words = f"Picture of cell {setting.cell}"
    return Markup('<img class="picture" src="{}" alt="{}">').format(address, words)


def _latex(value: Json, _: Setting) -> Markup | None:
    """Show a formula."""
    text = _text_of(value)
    if text is None:
        return None
    inner = readable.clean(text).strip().strip("$").strip()
    inner = inner.removeprefix("\\displaystyle").strip()
    return Markup('<div class="formula">{}</div>').format(
        formula.markup(inner, is_block=True)
    )


def _json(value: Json, _: Setting) -> Markup | None:
    """Show JSON."""
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    except RecursionError:
        return _note("This JSON is nested too deeply to be shown.")
    return _printed(readable.clean(text), "plain")


def _widget(_: Json, __: Setting) -> Markup:
    """Say that a widget is missing."""
    return _note("A widget is here that needs a kernel. Open the notebook to use it.")


def _script(_: Json, __: Setting) -> Markup:
    """Say that a script is missing."""
    return _note("A script is here; the viewer runs none. Open the notebook to run it.")


def _plain(value: Json, _: Setting) -> Markup | None:
    """Show text."""
    text = _text_of(value)
    return None if text is None else _printed(readable.clean_terminal(text), "plain")


_WRITERS: Mapping[str, Callable[[Json, Setting], Markup | None]] = {
    spark_panel.MIME_TYPE: _spark,
    "text/html": _html,
    "text/markdown": _markdown,
    "image/svg+xml": _drawing,
    **dict.fromkeys(picture.RASTER_TYPES, _picture),
    "text/latex": _latex,
    "application/json": _json,
    "application/geo+json": _json,
    "application/vnd.jupyter.widget-view+json": _widget,
    "application/javascript": _script,
    "text/javascript": _script,
    "text/plain": _plain,
}
