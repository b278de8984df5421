"""What all groups of settings of the chart have in common."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FILE = Path("/etc/cygnet/settings.json")
"""Where the hub's pod has the settings."""
Label = Annotated[str, Field(min_length=1, max_length=80)]
"""Words on a page, at most 80 characters."""


class Area(BaseModel):
    """A group of settings: immutable, complete, in camelCase outside Python."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )
