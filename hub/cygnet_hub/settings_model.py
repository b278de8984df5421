"""What all groups of settings of the chart have in common."""

from pathlib import Path
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FILE = Path("/etc/cygnet/settings.json")
"""Where the hub's pod has the settings."""
Label = Annotated[str, Field(min_length=1, max_length=80)]
"""Words on a page, at most 80 characters."""


class SettingsModel(BaseModel):
    """A group of settings: immutable, complete, in camelCase outside Python."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


def area_in(annotation: object) -> type[SettingsModel] | None:
    """Find the group of settings that a field is, or holds in a list or an option."""
    if isinstance(annotation, type) and issubclass(annotation, SettingsModel):
        return annotation
    found = (area_in(it) for it in get_args(annotation))
    return next((it for it in found if it is not None), None)
