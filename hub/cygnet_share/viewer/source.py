"""Source code in colours, by Pygments."""

from typing import Final

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

from cygnet_share.viewer import text as readable

SHOWN: Final = 1_000_000
"""How many characters of a file are shown."""

COLOURED: Final = 200_000
"""How many characters a text in colours has at most."""

# The page defines a colour for each of these, for light and dark.
_CLASSES = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "s"),
    (Number, "m"),
    (Operator, "o"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Builtin, "b"),
    (Name.Decorator, "b"),
    (Name.Tag, "k"),
    (Name.Attribute, "b"),
    (Generic.Deleted, "d"),
    (Generic.Inserted, "i"),
    (Generic.Heading, "k"),
)
_PLAIN_LANGUAGES = {"ipython": "python", "ipython2": "python", "ipython3": "python"}


def of_language(text: str, language: str) -> Markup:
    """Give code in the colours of a language, which may be unknown."""
    name = language.strip().lower()
    try:
        return _block(text, get_lexer_by_name(_PLAIN_LANGUAGES.get(name, name)))
    except ClassNotFound:
        return _block(text, None)


def of_file(text: str, name: str) -> Markup:
    """Give the code of a file in the colours of the language that its name says."""
    found = find_lexer_class_for_filename(name)
    return _block(text, None if found is None else found())


def is_source(name: str) -> bool:
    """Check whether a file has source code, by its name."""
    return find_lexer_class_for_filename(name) is not None


def _block(text: str, lexer: Lexer | None) -> Markup:
    """Give a block of code."""
    shown, rest = readable.cut(text, SHOWN)
    if lexer is None or len(shown) > COLOURED:
        inner = escape(readable.unveil(shown))
    else:
        inner = _coloured(shown, lexer)
    block = Markup('<pre class="code"><code>{}</code></pre>').format(inner)
    return block + (Markup('<p class="note">{}</p>').format(rest) if rest else "")


def _coloured(text: str, lexer: Lexer) -> Markup:
    """Give text in colours, with one element for neighbours of one colour."""
    lexer.stripnl = False
    lexer.ensurenl = False
    runs: list[tuple[str, list[str]]] = []
    known: dict[object, str] = {}
    for kind, value in lexer.get_tokens(text):
        if kind not in known:
            above = kind.split()
            known[kind] = next((name for it, name in _CLASSES if it in above), "")
        if runs and (runs[-1][0] == known[kind] or value.isspace()):
            runs[-1][1].append(value)
        else:
            runs.append((known[kind], [value]))
    written = (_run(name, "".join(values)) for name, values in runs)
    return Markup("".join(written))  # noqa: S704 - Each run is escaped.


def _run(name: str, text: str) -> str:
    """Give text in one colour as markup."""
    shown = escape(readable.unveil(text))
    return f'<span class="{name}">{shown}</span>' if name else shown
