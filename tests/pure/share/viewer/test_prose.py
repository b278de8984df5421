import pytest
from cygnet_share.viewer import prose
from cygnet_share.viewer.prose import Anchors, Heading

PNG = "data:image/png;base64,iVBORw0KGgo="


def html(text: str) -> str:
    return prose.render(text, "a/page.md", Anchors(), {"p.png": PNG}).html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**b** ~~s~~ `c`", "<strong>b</strong> <s>s</s> <code>c</code>"),
        ("|a|\n|-|\n|1|", "<td>1</td>"),
        ("<kbd>K</kbd><br>", "<kbd>K</kbd><br>"),
        ("![x](attachment:p.png)", f'<img src="{PNG}" alt="x">'),
        ("![x](attachment:q.png)", "[Picture: x]"),
        ("![x](https://example.org/p.png)", '<a href="https://example.org/p.png"'),
        ("![x](img/p.png)", ">a/img/p.png</a>"),
        ("[x](b.md)", '<a href="../a/b.md" rel="noopener noreferrer nofollow">x</a>'),
        ("[x](https://example.org)", 'rel="noopener noreferrer nofollow"'),
        ("[x](/hub/logout)", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("```python\nx = 1\n```", '<span class="m">1'),
        ("    indented <b>", "indented &lt;b&gt;"),
        ("$a<b$", "<mo>&lt;</mo>"),
        ("$$\\frac{a}{b}$$", '<math display="block"><mrow><mfrac>'),
        ("\\begin{align}a&=b\\end{align}", "<mtable"),
        ("It costs $5 and $6.", "It costs $5 and $6."),
        ("$\\frac{$", '<code class="formula">\\frac{</code>'),
        ("<b style='color: red; position: fixed'>x</b>", '<b style="color:red">x</b>'),
        ("<div>" * 20_000, "nested too deeply"),
        ("> " * 20_000 + "x", "<blockquote>"),
    ],
)
def test_markdown_is_shown(text: str, expected: str) -> None:
    assert expected in html(text)


def test_headings_have_anchors_below_the_title() -> None:
    found = prose.render("# One *x*\n\n## `Two`\n\nOne x\n===", "a", Anchors())

    assert found.headings == (
        Heading(1, "One x", "at-One-x"),
        Heading(2, "Two", "at-Two"),
        Heading(1, "One x", "at-One-x-2"),
    )
    assert '<h2 id="at-One-x">One <em>x</em></h2>' in found.html
    assert '<h3 id="at-Two">' in found.html


def test_formula_does_not_write_markup() -> None:
    # latex2mathml's own `convert` gives an element here.
    assert "<mtext>&lt;script&gt;</mtext>" in html("$\\text{<script>}$")
