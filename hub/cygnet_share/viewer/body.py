"""The renderer: a file of a share as the inside of a page.

Pure, and in no hurry: `worker` gives it little time and memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from cygnet_share.errors import DocumentError
from cygnet_share.viewer import grid, output, picture, prose, saved_notebook, source
from cygnet_share.viewer import text as readable
from cygnet_share.viewer.document import Document, Kind
from cygnet_share.viewer.prose import Anchors, Heading
from cygnet_share.viewer.template import fill


@dataclass(frozen=True, slots=True)
class _ShownCell:
    """A cell as the template takes it."""

    number: int
    kind: str
    count: int | None
    source: Markup
    outputs: Sequence[Markup] = ()
    is_source_hidden: bool = False
    are_outputs_hidden: bool = False


@dataclass(slots=True)
class _Page:
    """What the parts of one document share."""

    path: str
    anchors: Anchors = field(default_factory=Anchors)
    headings: list[Heading] = field(default_factory=list)

    def prose(self, text: str, attachments: Mapping[str, str]) -> Markup:
        """Give Markdown as markup, and note its headings."""
        shown, rest = readable.cut(text, source.SHOWN)
        written = prose.render(shown, self.path, self.anchors, attachments)
        self.headings += written.headings
        note = Markup('<p class="note">{}</p>').format(rest) if rest else ""
        return Markup('<div class="prose">{}</div>{}').format(written.html, note)


def render(document: Document) -> Markup:
    """Give the inside of a document's page.

    Raises
    ------
    DocumentError
        When it cannot be shown, with the reason for the reader.
    """
    return _RENDERERS[document.kind](document)


def _notebook(document: Document) -> Markup:
    """Show a notebook."""
    notebook = saved_notebook.read(document.data)
    page = _Page(document.path)
    cells = [
        _cell(number, cell, notebook.language, page)
        for number, cell in enumerate(notebook.cells, 1)
    ]
    return fill(
        "notebook.html",
        cells=cells,
        headings=page.headings,
        kernel=notebook.kernel,
        notes=notebook.notes,
    )


def _cell(
    number: int, cell: saved_notebook.Cell, language: str, page: _Page
) -> _ShownCell:
    """Show a cell."""
    if cell.kind == "markdown":
        shown = page.prose(cell.source, _pictures(cell.attachments))
        return _ShownCell(number, cell.kind, None, shown)
    if cell.kind == "raw":
        return _ShownCell(number, cell.kind, None, source.of_language(cell.source, ""))
    setting = output.Setting(page.path, number, page.anchors)
    return _ShownCell(
        number,
        cell.kind,
        cell.count,
        source.of_language(cell.source, language) if cell.source else Markup(""),
        [shown for it in cell.outputs if (shown := output.render(it, setting))],
        cell.is_source_hidden,
        cell.are_outputs_hidden,
    )


def _pictures(
    attachments: Mapping[str, saved_notebook.Bundle],
) -> Mapping[str, str]:
    """Give the addresses of the pictures that a cell holds."""
    found = {}
    for name, bundle in attachments.items():
        texts = (it for it in bundle.values() if isinstance(it, str))
        address = next(filter(None, map(picture.from_base64, texts)), None)
        if address is not None:
            found[name] = address
    return found


def _markdown(document: Document) -> Markup:
    """Show a Markdown file."""
    page = _Page(document.path)
    shown = page.prose(readable.decode(document.data), {})
    return fill("prose.html", prose=shown, headings=page.headings)


def _table(document: Document) -> Markup:
    """Show a table, or the text where it is none."""
    text = readable.decode(document.data)
    found = grid.read(text)
    if found is None:
        return fill("source.html", source=source.of_language(text, ""))
    return fill("table.html", grid=found)


def _drawing(document: Document) -> Markup:
    """Show an SVG file as a picture, or its text where it is none."""
    text = readable.decode(document.data)
    address = picture.from_svg(text)
    if address is None:
        return fill("source.html", source=source.of_language(text, "xml"))
    return fill("picture.html", name=document.name, address=address)


def _picture(document: Document) -> Markup:
    """Show a picture."""
    address = picture.from_bytes(document.data)
    return fill("picture.html", name=document.name, address=address)


def _source(document: Document) -> Markup:
    """Show source code."""
    text = readable.decode(document.data)
    return fill("source.html", source=source.of_file(text, document.name))


def _text(document: Document) -> Markup:
    """Show text."""
    text = readable.decode(document.data)
    return fill("source.html", source=source.of_language(text, ""))


def _other(document: Document) -> Markup:
    """Say that a file cannot be shown."""
    size = readable.size_words(len(document.data))
    reason = f"The viewer cannot show a file of this kind. Its size is {size}."
    raise DocumentError(reason)


_RENDERERS: Mapping[Kind, Callable[[Document], Markup]] = {
    Kind.NOTEBOOK: _notebook,
    Kind.MARKDOWN: _markdown,
    Kind.TABLE: _table,
    Kind.PICTURE: _picture,
    Kind.DRAWING: _drawing,
    Kind.SOURCE: _source,
    Kind.TEXT: _text,
    Kind.OTHER: _other,
}
