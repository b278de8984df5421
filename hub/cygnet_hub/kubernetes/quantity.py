"""Amounts as Kubernetes writes them.

`Quantity` of the settings says which texts there are; here they become numbers.
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from fractions import Fraction

_BINARY = {f"{prefix}i": 1024**n for n, prefix in enumerate("KMGTPE", 1)}
_DECIMAL = {prefix: 1000**n for n, prefix in enumerate("kMGTPE", 1)}
_FACTORS: dict[str, Fraction | int] = {"m": Fraction(1, 1000), **_BINARY, **_DECIMAL}
_GIB = 1024**3
_MIB = 1024**2


def parse(text: str) -> Fraction:
    """Read an amount.

    Parameters
    ----------
    text
        E.g. ``500m``, ``2``, ``0.5`` or ``4Gi``.

    Returns
    -------
    Fraction
        In CPUs, bytes or pieces, exactly.

    Raises
    ------
    ValueError
        When the text is no amount.
    """
    number = text.rstrip("kKMGTPEim")
    suffix = text[len(number) :]
    if suffix and suffix not in _FACTORS:
        raise ValueError(text)
    return Fraction(number) * _FACTORS.get(suffix, 1)


def tenth(text: str) -> str:
    """Return a tenth of an amount of memory or disk.

    Returns
    -------
    str
        In whole MiB, at least one.
    """
    return f"{max(1, parse(text) // 10 // _MIB)}Mi"


def memory_words(count: Fraction | int) -> str:
    """Write an amount of memory for people.

    Parameters
    ----------
    count
        Bytes.

    Returns
    -------
    str
        In GiB with at most one decimal, or in whole MiB below one GiB.
    """
    if count < _GIB:
        return f"{float(count / Fraction(_MIB)):.0f} MiB"
    return f"{_short(count / Fraction(_GIB))} GiB"


def cpu_words(count: Fraction | int) -> str:
    """Write a number of CPUs for people.

    Returns
    -------
    str
        With at most two decimals and the noun.
    """
    return f"{float(count):.2f}".rstrip("0").rstrip(".") + (
        " CPU" if count == 1 else " CPUs"
    )


def _short(number: Fraction) -> str:
    """Write a number with at most one decimal."""
    return f"{float(number):.1f}".removesuffix(".0")
