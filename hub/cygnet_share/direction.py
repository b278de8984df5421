"""Characters that change the direction of reading, and cannot be seen themselves."""

from typing import Final

DIRECTIONS: Final = frozenset(
    map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""With one of these text reads as another: `gpj.exe` as `exe.jpg`.

As Unicode's property Bidi_Control has them. `extensions/src/share/words.ts` has a copy.
"""
