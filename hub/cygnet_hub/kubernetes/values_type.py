"""Says in words what pydantic refuses of the chart's values."""

import difflib
import json

from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.kubernetes.values_file import Flaw, Place
from cygnet_hub.scalar import REMEDIES
from cygnet_hub.settings_model import SettingsModel, area_in

_KINDS = {
    "string_type": ("text", "write it in quotes"),
    "int_type": ("a whole number", "write it without quotes and fractions"),
    "bool_type": ("a truth value", "write true or false, without quotes"),
    "dict_type": ("a mapping", "write `key: value` lines"),
    "model_type": ("a mapping", "write `key: value` lines"),
    "model_attributes_type": ("a mapping", "write `key: value` lines"),
    "tuple_type": ("a list", "begin each item with a dash"),
    "list_type": ("a list", "begin each item with a dash"),
}
_LONGEST = 60
_HIDDEN = {"secrets", "extraCa"}


def place(error: ErrorDetails) -> Place:
    """Return where a refused value stands.

    Parameters
    ----------
    error
        As pydantic has it.
    """
    *outer, last = error["loc"] or ("",)
    if last == "[key]":
        return tuple(outer)
    # A default that does not fit another value has the field's own name.
    if error["type"] == "value_error" and isinstance(last, str):
        last = to_camel(last)
    return (*outer, last)


def flaw(error: ErrorDetails) -> Flaw:
    """Explain one refusal.

    Parameters
    ----------
    error
        As pydantic has it.

    Returns
    -------
    Flaw
        In words, with what the value is for; without what might be a secret.
    """
    where, kind = place(error), error["type"]
    field, siblings = _field(where)
    meaning = " ".join(((field and field.description) or "").split())
    page = "docs/reference/settings.md"
    hint = f"it is: {meaning.rstrip('.')}" if meaning else f"see {page}"
    shown = _shown(error, where)
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(where[-1]), siblings, n=1)
        remedy = f"did you mean {near[0]}?" if near else "remove it"
        return Flaw(where, "there is no such value", remedy)
    if kind == "missing":
        return Flaw(where, "is missing", hint)
    if kind in _KINDS:
        wanted, remedy = _KINDS[kind]
        return Flaw(where, f"{shown} is not {wanted}", remedy)
    if kind == "string_pattern_mismatch":
        remedy = REMEDIES.get(str(context.get("pattern")), hint)
        return Flaw(where, f"{shown} does not fit", remedy)
    if kind == "literal_error":
        return Flaw(where, f"there is no {shown}", f"write {context['expected']}")
    reason = str(context.get("error") or error["msg"])
    return Flaw(where, reason[:1].lower() + reason[1:], hint)


def _shown(error: ErrorDetails, where: Place) -> str:
    """Quote a value that is not secret."""
    if where[0] in _HIDDEN:
        return "what stands there"
    text = json.dumps(error["input"], ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _field(where: Place) -> tuple[FieldInfo | None, list[str]]:
    """Find the field of a place, and how its sibling fields are written."""
    area: type[SettingsModel] | None = Values
    field: FieldInfo | None = None
    names: list[str] = []
    for part in where:
        if isinstance(part, int):
            continue
        if area is None:
            break
        fields = {str(it.alias): it for it in area.model_fields.values()}
        field, names = fields.get(part), list(fields)
        area = area_in(field.annotation) if field else None
    return field, names
