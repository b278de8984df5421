"""Writes what the chart says of its values, from their own definitions.

The schema, `values.yaml` with a comment on each value, and patterns for templates.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cygnet_hub import scalar
from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.settings_model import area_in
from pydantic import BaseModel

CHART = Path(__file__).parent.parent / "helm/cygnet"
HEAD = """# All values of the chart with their defaults. None is required.
# `make docs` writes this file from settings.py, chart_values.py and chart_sharing.py in
# hub/cygnet_hub/kubernetes.
"""
PATTERNS = "{{/* `make docs` writes this file from cygnet_hub/scalar.py. */}}"
WIDTH = 80


def schema() -> str:
    """Return the schema by which Helm checks values."""
    written: dict[str, Any] = Values.model_json_schema(by_alias=True)
    # Helm adds it when the chart is a part of another one.
    written["properties"]["global"] = {"type": "object"}
    return json.dumps(_plain(written), indent=1) + "\n"


def values() -> str:
    """Return the values file."""
    return HEAD + "\n".join(_lines(Values())) + "\n"


def patterns() -> str:
    """Return what the templates look for themselves, with the remedies."""
    parts = [PATTERNS]
    for name, pattern in scalar.SPOKEN.items():
        for kind, text in (("Pattern", pattern), ("Remedy", scalar.REMEDIES[pattern])):
            parts.append(
                f'{{{{- define "cygnet.{name}{kind}" -}}}}{text}{{{{- end }}}}'
            )
    return "\n".join(parts) + "\n"


FILES = {
    CHART / "templates/_patterns.tpl": patterns,
    CHART / "values.schema.json": schema,
    CHART / "values.yaml": values,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value, for the documentation."""

    path: str
    """Where it is in a values file."""
    schema: dict[str, Any]
    """What it takes."""
    default: str
    """As YAML; empty for nothing."""
    description: str
    """What it means."""


def rows(area: type[BaseModel], place: str = "") -> Iterator[Row]:
    """Return all values below a group, those of groups in lists included."""
    schema = area.model_json_schema(by_alias=True)
    for name, field in area.model_fields.items():
        path = f"{place}{field.alias}"
        said = _first(field.description or "")
        inner = area_in(field.annotation)
        is_group = inner is not None and inner is field.annotation
        if not is_group:
            part = _resolved(schema["properties"][str(field.alias)], schema)
            shown = "" if inner or field.is_required() else _shown(area, name)
            yield Row(
                path,
                part,
                shown,
                said or _first(inner.__doc__ or "") if inner else said,
            )
        if inner is not None:
            mark = "[]" if "tuple" in str(field.annotation) else ""
            yield from rows(inner, f"{path}{mark}.")


def _shown(area: type[BaseModel], name: str) -> str:
    """Write a default in one line."""
    value = area.model_fields[name].get_default(call_default_factory=True)
    plain = list(value) if isinstance(value, tuple) else value
    return "" if plain in ("", [], {}, None) else json.dumps(plain).strip('"')


def _resolved(part: Any, schema: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Put definitions where they are referred to."""
    if isinstance(part, list):
        return [_resolved(it, schema) for it in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return {"type": "object", "of": schema["$defs"][name].get("title")}
    return {key: _resolved(it, schema) for key, it in part.items()}


def _plain(part: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Drop what only says a field's name again, and defaults, which are values."""
    if isinstance(part, list):
        return [_plain(it) for it in part]
    if not isinstance(part, dict):
        return part
    fields = part.get("properties")
    dropped = {"title", "default", "properties"}
    kept = {key: _plain(it) for key, it in part.items() if key not in dropped}
    if isinstance(fields, dict):
        kept["properties"] = {key: _plain(it) for key, it in fields.items()}
    return kept


def _lines(area: BaseModel) -> Iterator[str]:
    """Write one group of values; what is inside a group is indented."""
    for name, field in type(area).model_fields.items():
        value = getattr(area, name)
        is_area = isinstance(value, BaseModel)
        said = field.description or (type(value).__doc__ if is_area else "") or ""
        yield ""
        yield from (f"# {it}" for it in textwrap.wrap(_first(said), WIDTH))
        if value is None:
            yield f"# {field.alias}:"
        elif is_area:
            yield f"{field.alias}:"
            yield from (f"  {it}" if it else "" for it in _trimmed(_lines(value)))
        else:
            dumped = area.model_dump(by_alias=True, mode="json", include={name})
            yield from _yaml({field.alias: _without_none(dumped[str(field.alias)])})


def _trimmed(lines: Iterator[str]) -> Iterator[str]:
    """Leave out the empty line at the beginning."""
    next(lines)
    return lines


def _yaml(value: Mapping[Any, object]) -> list[str]:
    """Write a value that has no comments inside."""
    text = yaml.safe_dump(dict(value), sort_keys=False, default_flow_style=False)
    return str(text).splitlines()


def _without_none(value: object) -> object:
    """Leave out what is not set."""
    if isinstance(value, list):
        return [_without_none(it) for it in value]
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return value


def _first(text: str) -> str:
    """Return the first paragraph in one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def write() -> list[Path]:
    """Write all of them, and say which."""
    for file, text in FILES.items():
        file.write_text(text())
    return list(FILES)
