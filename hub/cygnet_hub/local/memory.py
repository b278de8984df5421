"""Amounts of memory as users and Spark write them."""

import re
from dataclasses import dataclass
from typing import Self

from typing_extensions import override

MIB_PER_GIB = 1024
_AMOUNT = re.compile(r"\s*(\d{1,9}(?:[.,]\d{1,3})?)\s*([mMgG])(?:i?[bB])?\s*", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Memory:
    """An amount of memory; its ``str`` is what Spark reads, e.g. ``512m``."""

    mib: int
    """Whole MiB, because Spark takes no fractions."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an amount, e.g. ``512m``, ``1.5 GB`` or ``2 GiB``, rounded down to MiB.

        All units count in powers of two, as Spark's do. Another text raises ValueError.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise ValueError(text)
        number, unit = match.groups()
        factor = MIB_PER_GIB if unit in "gG" else 1
        return cls(int(float(number.replace(",", ".")) * factor))

    @override
    def __str__(self) -> str:
        """Return the shortest form that Spark reads."""
        gib, rest = divmod(self.mib, MIB_PER_GIB)
        return f"{self.mib}m" if rest or not gib else f"{gib}g"
