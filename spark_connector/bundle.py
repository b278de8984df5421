"""A bundle: a named, short set of Spark settings that a community shares.

Decides what a bundle file may hold and turns its text into a `Bundle`. What the
settings may say is for `checks`, how bundles combine for `resolve`.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from spark_connector.cluster import KubernetesCluster, LocalCluster
from spark_connector.errors import RefusedError
from spark_connector.problem import Problem
from spark_connector.rules import CODE_KEYS
from spark_connector.suggestion import did_you_mean
from spark_connector.validation import reason_of
from spark_connector.yaml_source import YamlSource, read_yaml


class Bundle(BaseModel):
    """The content of a bundle file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=80, description="Shown in the panel.")
    description: str = Field(default="", max_length=500, description="Shown below it.")
    owner: str = Field(default="", max_length=80, description="Whom to ask about it.")
    version: str | None = Field(default=None, description="The bundle's own version.")
    spark: str | None = Field(
        default=None, description="The versions of Spark it is for, e.g. `>=4,<5`."
    )
    cluster: LocalCluster | KubernetesCluster | None = Field(
        default=None,
        discriminator="type",
        description="Where Spark runs; a bundle without only adds.",
    )
    options: dict[str, str] = Field(
        default_factory=dict, description="Spark keys and their values."
    )

    @field_validator("spark")
    @classmethod
    def _a_range(cls, spark: str | None) -> str | None:
        try:
            SpecifierSet(spark or "")
        except InvalidSpecifier as error:
            message = f"'{spark}' is not a version range; write '{_range_of(spark)}'"
            raise ValueError(message) from error
        return spark


def _range_of(text: str | None) -> str:
    """Return the range that a version on its own probably stands for."""
    numbers = [int(part) for part in re.findall(r"\d+", text or "")][:2]
    match numbers:
        case [major]:
            return f">={major},<{major + 1}"
        case [major, minor]:
            return f">={major}.{minor},<{major}.{minor + 1}"
        case _:
            return ">=4,<5"


@dataclass(frozen=True, slots=True)
class NamedBundle:
    """A bundle with its name and where each of its keys stands."""

    name: str
    """The file's stem, or the name within a SWAN file."""

    bundle: Bundle
    place: str
    """The file's name."""

    lines: tuple[tuple[str, int], ...] = ()
    """The line of each option, where known."""

    joints: tuple[tuple[str, str], ...] = ()
    """What joins the values of an option that Spark does not take for a list."""

    @property
    def code_keys(self) -> tuple[str, ...]:
        """The options that bring code into a session, sorted."""
        return tuple(key for key in CODE_KEYS if key in self.bundle.options)

    @property
    def code_note(self) -> str:
        """What to know of a bundle that brings code, one sentence."""
        return (
            f"The bundle '{self.name}' brings code ({', '.join(self.code_keys)}), "
            "which can do what you can, and deceive the lock."
        )

    def joint(self, key: str) -> str | None:
        """Return what the bundle joins values of an option with, if it says so."""
        return dict(self.joints).get(key)

    def origin(self, key: str) -> str:
        """Return the file of an option, with the line where it is known."""
        line = dict(self.lines).get(key)
        return self.place if line is None else f"{self.place}, line {line}"


def parse_bundle(text: str, place: str) -> NamedBundle:
    """Read a bundle from YAML; the stem of the file's name becomes the bundle's name.

    Raises RefusedError with every problem of the file.
    """
    source = read_yaml(text, place)
    problems = list(source.problems)
    bundle: Bundle | None = None
    if isinstance(source.data, dict):
        try:
            bundle = Bundle.model_validate(source.data)
        except ValidationError as error:
            found = [_problem(detail, source) for detail in error.errors()]
            # A value that may be of two types gets an error for each.
            by_place = {(it.place, it.key): it for it in found}
            problems += by_place.values()
    elif not problems:
        reason = "The file is not a mapping of keys, as a bundle is."
        remedy = "Begin with a line like 'title: My bundle'."
        problems.append(Problem(place, None, reason, remedy))
    if bundle is None or problems:
        raise RefusedError(problems)
    lines = tuple((key, source.lines["options", key]) for key in bundle.options)
    return NamedBundle(PurePath(place).stem, bundle, place, lines)


_CLUSTERS = {"local": LocalCluster, "kubernetes": KubernetesCluster}


def _cluster_problem(detail: Any, source: YamlSource) -> Problem:  # noqa: ANN401 - pydantic's own type is private to it.
    tag = detail.get("ctx", {}).get("tag")
    what = (
        "The cluster has no type." if tag is None else f"There is no cluster '{tag}'."
    )
    remedy = f"Write one of these: {', '.join(_CLUSTERS)}."
    return Problem(source.at("cluster", "type"), "cluster.type", what, remedy)


def _problem(detail: Any, source: YamlSource) -> Problem:  # noqa: ANN401 - pydantic's own type is private to it.
    path = tuple(str(part) for part in detail["loc"])
    known: Any = Bundle
    if path[0] == "cluster":
        known = _CLUSTERS.get(path[1], LocalCluster) if path[1:] else LocalCluster
        # The type that was chosen stands in the path, but not in the file; and a
        # value that may be of several types has them at the end.
        path = (path[0], *path[2:3])
        if detail["type"].startswith("union_tag"):
            return _cluster_problem(detail, source)
    key = ".".join(path) or None
    place = source.at(*path)
    if detail["type"] == "extra_forbidden":
        reason = "A bundle has no such key."
        return Problem(place, key, reason, did_you_mean(path[-1], known.model_fields))
    if detail["type"] == "missing":
        return Problem(place, key, "The key is missing.", f"Add '{path[-1]}: …'.")
    if path[0] == "options" and path[1:]:
        reason = "The value is missing or is not a single value."
        return Problem(place, path[-1], reason, "Write one text or number.")
    field = (known if path[1:] else Bundle).model_fields.get(path[-1])
    means = f"It means: {field.description}" if field else "See docs/bundles/index.md."
    return Problem(place, key, reason_of(detail), means)
