"""Texts for people: counts with their nouns, and long texts cut visibly. Pure."""


def counted(number: int | str, noun: str) -> str:
    """Return `1 core` or `2 cores`; the plural of the noun has an s."""
    return f"{number} {noun}{'' if str(number) == '1' else 's'}"


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters; a text that was cut ends with `…`."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
