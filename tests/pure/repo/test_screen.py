"""How the runner shows its progress."""

import io

import pytest
from typing_extensions import override

from scripts.lanes import screen
from scripts.lanes.screen import Screen


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_line_of_a_terminal_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "REDRAW_S", 0.0)
    monkeypatch.setenv("COLUMNS", "40")
    output = Terminal()
    shown = Screen(output)

    shown.begin("pure", "pure begins")
    shown.show({"pure": "pure 1 of 9", "lint": "lint running"})
    shown.show({"pure": f"pure 2 of 9 {'x' * 80}"})
    shown.say("pure passed")

    wide = f"pure 2 of 9 {'x' * 80}"[:39]
    assert output.getvalue() == (
        f"pure 1 of 9\nlint running\n\x1b[2F\x1b[J{wide}\n\x1b[1F\x1b[Jpure passed\n"
    )


def test_file_has_a_line_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    output = io.StringIO()
    shown = Screen(output)

    shown.begin("hub", "hub begins")
    for _ in range(150):
        now += 1
        shown.show({"hub": f"hub after {now - 100:.0f} s"})
    shown.say("hub passed")

    lines = ["hub begins", "hub after 60 s", "hub after 120 s", "hub passed"]
    assert output.getvalue().splitlines() == lines
