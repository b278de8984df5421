"""pydantic's findings about a value, in this project's own words."""

from typing import Any

from spark_connector.text import cut

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a mapping of keys and values",
    "list_type": "a list",
    "mapping_type": "a mapping of keys and values",
    "model_attributes_type": "a mapping of keys and values",
    "model_type": "a mapping of keys and values",
    "string_type": "a text",
}
_WORDS = {
    "extra_forbidden": "There is no such key.",
    "greater_than_equal": "{found} is less than {ge}.",
    "missing": "The key is missing.",
    "string_too_long": "The text has more than {max_length} characters.",
    "string_too_short": "The text is empty.",
}
_LONGEST = 40


def reason_of(detail: Any) -> str:  # noqa: ANN401 - pydantic's own type is private to it.
    """Return in one sentence why a value does not fit, without pydantic's types."""
    kind, found = detail["type"], _shown(detail["input"])
    if kind == "value_error":
        text = str(detail["msg"]).removeprefix("Value error, ").rstrip(".")
        return f"{text[:1].upper()}{text[1:]}."
    if kind in _EXPECTED:
        return f"{found} is not {_EXPECTED[kind]}."
    words = _WORDS.get(kind, "{found} is not possible here.")
    return words.format(found=found, **detail.get("ctx", {}))


def _shown(value: object) -> str:
    match value:
        case None:
            return "An empty value"
        case dict():
            return "A mapping of keys and values"
        case list():
            return "A list"
        case _:
            return f"'{cut(str(value), _LONGEST)}'"
