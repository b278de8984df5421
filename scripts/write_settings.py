"""Writes the page of settings and the chart's values from their definitions."""

from pathlib import Path
from typing import Any

from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.local.settings import PREFIX, Settings

from scripts import write_chart

DOCUMENT = Path(__file__).parent.parent / "docs/reference/settings.md"
# Defaults that are found out when the service starts.
FOUND = {
    "data_dir": "`$XDG_DATA_HOME/cygnet`",
    "root_dir": "where the command is run",
    "owner": "the user who runs the command",
}
HEAD = """# Settings

`make docs` writes this page from `local/settings.py`, `kubernetes/settings.py`, `kubernetes/chart_values.py` and `kubernetes/chart_sharing.py` of `hub/cygnet_hub`; do not edit it.

## On one machine

Each setting can be set in a YAML file, by an environment variable and, where [`cygnet up`](cli.md#cygnet-up) has it, by an option.
The option wins over the variable, and the variable over the file.
The file is the one that `CYGNET_SETTINGS` names, else `$XDG_CONFIG_HOME/cygnet/settings.yaml` if it exists.
Unknown keys and wrong values are refused, all of them at once.

```yaml
port: 9000
kernelPackages: [matplotlib, scikit-learn]
```

| in the file | variable | value | default | meaning |
| --- | --- | --- | --- | --- |
"""  # noqa: E501 - a document has one sentence a line.
CHART_HEAD = """
## On Kubernetes

These are the chart's values.
None is required; Helm refuses unknown keys and wrong values.
`helm/cygnet/values.yaml` has them with their defaults; your own values file needs only what you change.
`[]` stands for each item of a list.
The hub reads what is under `config`, the chart the rest.

| value | takes | default | meaning |
| --- | --- | --- | --- |
"""  # noqa: E501 - as above.


def text() -> str:
    """Return the whole page."""
    return embedded() + CHART_HEAD + "".join(map(chart_row, write_chart.rows(Values)))


def chart_row(row: write_chart.Row) -> str:
    """Return the line of one value of the chart."""
    shown = "none" if row.default in {"", "null"} else f"`{row.default}`"
    meaning = row.description.replace("|", r"\|")
    return f"| `{row.path}` | {kind(row.schema)} | {shown} | {meaning} |\n"


def embedded() -> str:
    """Return the settings of the service on one machine."""
    schema: dict[str, Any] = Settings.model_json_schema(by_alias=True)
    rows = []
    for name, field in Settings.model_fields.items():
        alias = str(field.alias)
        value = kind(schema["properties"][alias])
        cells = (f"`{alias}`", f"`{PREFIX}{name.upper()}`", value, default(name))
        meaning = str(field.description).replace("|", r"\|")
        rows.append(f"| {' | '.join(cells)} | {meaning} |\n")
    return HEAD + "".join(rows)


def kind(schema: dict[str, Any]) -> str:
    """Describe the values that a setting takes."""
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"])).replace("null", "nothing")
    if "enum" in schema:
        return ", ".join(f"`{it}`" for it in schema["enum"])
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}"
    if "minimum" in schema:
        most = schema.get("maximum")
        return f"{schema['minimum']} to {most}" if most else f"from {schema['minimum']}"
    words = {"string": "text", "boolean": "yes or no"}
    return str(schema.get("format") or words.get(schema["type"], schema["type"]))


def default(name: str) -> str:
    """Describe the default of a setting."""
    field = Settings.model_fields[name]
    if field.default_factory is not None:
        return FOUND[name]
    value = field.default
    if isinstance(value, tuple):
        return ", ".join(f"`{it}`" for it in value) or "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    is_nothing = value is None or not str(value)
    return "none" if is_nothing else f"`{value}`"


if __name__ == "__main__":
    DOCUMENT.write_text(text())
    written = [DOCUMENT, *write_chart.write()]
    print(f"Wrote {', '.join(it.name for it in written)}.")
