import pytest
from cygnet_share.viewer import ansi


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("\x1b[31mred\x1b[0m.", '<span class="t-ink1">red</span>.'),
        ("\x1b[1;94;42mx", '<span class="t-bold t-ink12 t-paper2">x</span>'),
        ("\x1b[38;5;196mx", '<span class="t-ink1">x</span>'),
        ("\x1b[38;5;244mx", '<span class="t-ink8">x</span>'),
        ("\x1b[38;5;7mx", '<span class="t-ink7">x</span>'),
        ("\x1b[38;2;10;20;250mx", '<span class="t-ink4">x</span>'),
        ("\x1b[48;2;0;0;0mx", '<span class="t-paper0">x</span>'),
        ("\x1b[31m\x1b[39mx", "x"),
        ("\x1b[1;2m\x1b[22mx", "x"),
        ("\x1b[4;7mx\x1b[24;27my", '<span class="t-underline t-inverse">x</span>y'),
        ("\x1b[mx\x1b[38mx\x1b[999mx", "xxx"),
        ("\x1b[2Ka\x1b[1;1Hb\x1b(Bc\x1b", "abc"),
        ("\x1b]0;title\x07x\x1b]8;;http://a\x1b\\y", "xy"),
        ("\x1b[31m<\x1b[0m", '<span class="t-ink1">&lt;</span>'),
    ],
)
def test_print_is_shown_as_a_terminal_does(text: str, expected: str) -> None:
    assert ansi.markup(text) == expected


def test_line_that_begins_again_shows_its_last_state() -> None:
    assert ansi.settle("10 %\r50 %\r100 %\r\nb\r") == "100 %\nb"


def test_long_line_takes_no_long_time() -> None:
    text = "\x1b[" * 100_000 + "x" * 100_000 + "\r" * 100_000 + "\x1b]" * 100_000

    assert len(ansi.markup(ansi.settle(text))) < len(text)
