"""Writes ``docs/settings.md`` from the settings' own definitions."""

from pathlib import Path
from typing import Any

from cygnet_hub.settings import PREFIX, Settings

DOCUMENT = Path(__file__).parent.parent / "docs/settings.md"
# Defaults that are found out when the service starts.
FOUND = {
    "data_dir": "`$XDG_DATA_HOME/cygnet`",
    "root_dir": "where the command is run",
    "owner": "who runs the command",
}
HEAD = """# Settings

`make docs` writes this page from `cygnet_hub/settings.py`; nobody edits it.

Every setting can stand in a YAML file, be a variable of the environment, or, where
`cygnet up --help` lists it, be an option of the command. The later one wins. The file
is the one that `CYGNET_SETTINGS` names, else `$XDG_CONFIG_HOME/cygnet/settings.yaml`
when it exists. An unknown key and a wrong value are refused, all of them at once.

```yaml
port: 9000
kernelPackages: [matplotlib, scikit-learn]
```

| in the file | variable | value | default | meaning |
| --- | --- | --- | --- | --- |
"""


def text() -> str:
    """Give the whole page."""
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
    """Say in words what values a setting takes."""
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"])).replace("null", "nothing")
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}"
    if "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    if "minimum" in schema:
        return f"number from {schema['minimum']}"
    return str(schema.get("format") or schema["type"]).replace("string", "text")


def default(name: str) -> str:
    """Say what a setting is when nobody sets it."""
    field = Settings.model_fields[name]
    if field.default_factory is not None:
        return FOUND[name]
    value = field.default
    if isinstance(value, tuple):
        return ", ".join(f"`{it}`" for it in value) or "none"
    is_nothing = value is None or not str(value)
    return "none" if is_nothing else f"`{value}`"


if __name__ == "__main__":
    DOCUMENT.write_text(text())
    print(f"Wrote {DOCUMENT.name}.")
