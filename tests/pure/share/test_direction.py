import re
import unicodedata
from pathlib import Path

from cygnet_share.direction import DIRECTIONS
from cygnet_share.path_rule import reason_against
from cygnet_share.viewer.text import unveil

WORDS = Path(__file__).parents[3] / "extensions/src/share/words.ts"
BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def test_all_that_changes_the_direction_is_among_them() -> None:
    every = map(chr, range(0x11_0000))
    assert {it for it in every if unicodedata.bidirectional(it) in BIDI} < DIRECTIONS
    for it in DIRECTIONS:
        assert "direction" in (reason_against(f"a{it}b") or "")
        assert it not in unveil(f"a{it}b")


def test_browser_s_copy_has_the_same() -> None:
    [found] = re.findall(r"UNSHOWABLE = /\[\\p\{Cc\}(.*)\]/gu", WORDS.read_text())
    theirs = re.compile(f"[{found}]")

    assert {it for it in map(chr, range(0x11_0000)) if theirs.match(it)} == DIRECTIONS
