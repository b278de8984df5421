"""Bundles in SWAN's JSON format, carried over into ours.

The format: `{"bundled_options": {NAME: {"options": [{"name", "value", "concatenate"?}],
"cluster_filter": […], "spark_version_filter": […]}}}`. What has no counterpart here is
left out and said in a notice; nothing is dropped silently.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spark_connector.bundle import Bundle, NamedBundle
from spark_connector.errors import RefusedError
from spark_connector.problem import Problem
from spark_connector.rules import separator_of

# SWAN fills `{NAME}` from the process environment; these have a counterpart.
_VARIABLES = {"USER": "${user}", "SPARK_USER": "${user}", "HOME": "${home}"}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class _SwanOption(BaseModel):
    name: str
    value: str | int | float | bool
    concatenate: str | None = None


class _SwanBundle(BaseModel):
    options: list[_SwanOption] = Field(default_factory=list)
    cluster_filter: list[str] = Field(default_factory=list)
    spark_version_filter: list[str] = Field(default_factory=list)


class _SwanFile(BaseModel):
    model_config = ConfigDict(extra="ignore")

    bundled_options: dict[str, _SwanBundle]


@dataclass(frozen=True, slots=True)
class SwanReading:
    """What a SWAN file gave."""

    bundles: tuple[NamedBundle, ...]
    notices: tuple[Problem, ...]
    """What could not be carried over; the bundles are usable all the same."""


def parse_swan(text: str, place: str) -> SwanReading:
    """Read bundles from SWAN's JSON.

    Parameters
    ----------
    text
        The file's text.
    place
        The file's name.

    Returns
    -------
    SwanReading
        Every bundle of the file, and notices.

    Raises
    ------
    RefusedError
        If the text is not JSON or not of SWAN's format.
    """
    try:
        file = _SwanFile.model_validate(json.loads(text))
    except RecursionError as error:
        reason = "It is nested too deeply for a file of bundles."
        raise RefusedError([Problem(place, None, reason, "Correct it.")]) from error
    except json.JSONDecodeError as error:
        reason = f"This is not JSON: {error.msg}."
        at = f"{place}, line {error.lineno}"
        raise RefusedError([Problem(at, None, reason, "Correct it.")]) from error
    except ValidationError as error:
        problems = [_problem(detail, place) for detail in error.errors()]
        raise RefusedError(problems) from error
    notices: list[Problem] = []
    bundles = tuple(
        _carry_over(name, swan, place, notices)
        for name, swan in file.bundled_options.items()
    )
    return SwanReading(bundles, tuple(notices))


def _carry_over(
    name: str, swan: _SwanBundle, place: str, notices: list[Problem]
) -> NamedBundle:
    where = f"{place}, {name}"
    options: dict[str, str] = {}
    for option in swan.options:
        value = _value(option, where, notices)
        if value is not None:
            options[option.name] = value
    if swan.cluster_filter:
        wanted = ", ".join(swan.cluster_filter)
        reason = f"SWAN offers it on {wanted} only; here it is offered everywhere."
        notices.append(Problem(where, "cluster_filter", reason, "Check that it fits."))
    bundle = Bundle(
        title=name[:80] or "(no name)",
        description=f"Carried over from SWAN's {place}.",
        spark=_spark_range(swan.spark_version_filter, where, notices),
        options=options,
    )
    return NamedBundle(name, bundle, place)


def _value(option: _SwanOption, where: str, notices: list[Problem]) -> str | None:
    def leave_out(reason: str, remedy: str) -> None:
        notices.append(Problem(where, option.name, reason, remedy))

    if option.name.startswith("spark.cern."):
        leave_out("Only SWAN knows this key; it is left out.", "Nothing needs doing.")
        return None
    value = option.value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    unknown = sorted(set(_PLACEHOLDER.findall(text)) - _VARIABLES.keys())
    if unknown:
        names = ", ".join(unknown)
        leave_out(
            f"The value needs the variable {names}, which is not offered here.",
            "Write the value out in a bundle of your own.",
        )
        return None
    ours = separator_of(option.name)
    if option.concatenate is not None and option.concatenate != ours:
        how = "one value replaces another" if ours is None else f"'{ours}' joins them"
        leave_out(f"SWAN joins with '{option.concatenate}'; here {how}.", "Check it.")
    return _PLACEHOLDER.sub(lambda match: _VARIABLES[match[1]], text)


def _spark_range(versions: list[str], where: str, notices: list[Problem]) -> str | None:
    if not versions:
        return None
    if len(versions) == 1:
        return f"=={versions[0]}"
    reason = f"SWAN lists {', '.join(versions)}; here it becomes a range."
    notices.append(
        Problem(where, "spark_version_filter", reason, "Check that it fits.")
    )
    ordered = sorted(versions, key=_numbers)
    return f">={ordered[0]},<={ordered[-1]}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _problem(detail: Any, place: str) -> Problem:  # noqa: ANN401 - pydantic's own type is private to it.
    key = ".".join(str(part) for part in detail["loc"]) or None
    remedy = "SWAN's format is described in docs/bundles.md."
    return Problem(place, key, f"{detail['msg']}.", remedy)
