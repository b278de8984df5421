"""Bundles in SWAN's JSON format, converted into ours.

The format: `{"bundled_options": {NAME: {"options": [{"name", "value", "concatenate"?}],
"cluster_filter": […], "spark_version_filter": […]}}}`. What has no counterpart here is
left out with a notice; nothing is dropped silently.
"""

import json
import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spark_connector.bundle import Bundle, NamedBundle
from spark_connector.errors import RefusedError
from spark_connector.problem import Problem
from spark_connector.rules import join, separator_of
from spark_connector.validation import reason_of

# SWAN fills `{NAME}` from the process environment; these have a counterpart.
_VARIABLES = {"USER": "${user}", "SPARK_USER": "${user}", "HOME": "${home}"}
# As Python's format strings have it: a brace that is doubled stands for itself.
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
_TYPES = frozenset({"str", "int", "float", "bool"})
_BUNDLES = "bundled_options"
# The file that lists which keys SWAN's form proposes; it has no bundles.
_OPTIONS = "spark_options"


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

    bundled_options: dict[str, object]


@dataclass(frozen=True, slots=True)
class SwanReading:
    """The content of a SWAN file."""

    bundles: tuple[NamedBundle, ...]
    notices: tuple[Problem, ...]
    """What could not be carried over; the bundles are usable all the same."""


def parse_swan(text: str, place: str) -> SwanReading:
    """Read every bundle of SWAN's JSON, with notices; `place` is the file's name.

    Raises RefusedError if the text is not JSON or not of SWAN's format.
    """
    data = _json(text, place)
    if isinstance(data, dict) and _OPTIONS in data and _BUNDLES not in data:
        return SwanReading((), ())
    try:
        file = _SwanFile.model_validate(data)
    except ValidationError as error:
        raise RefusedError(_problems(error, place)) from error
    bundles: list[NamedBundle] = []
    notices: list[Problem] = []
    for name, entry in file.bundled_options.items():
        try:
            swan = _SwanBundle.model_validate(entry)
        except ValidationError as error:
            notices += _problems(error, f"{place}, {name}")
        else:
            bundles.append(_carry_over(name, swan, place, notices))
    if notices and not bundles:
        raise RefusedError(notices)
    return SwanReading(tuple(bundles), tuple(notices))


def _json(text: str, place: str) -> object:
    try:
        data: object = json.loads(text)
        # Half a character, e.g. \ud800 alone, could be shown nowhere.
        json.dumps(data, ensure_ascii=False).encode()
    except RecursionError as error:
        reason = "It is nested too deeply for a file of bundles."
        raise RefusedError([Problem(place, None, reason, "Correct it.")]) from error
    except json.JSONDecodeError as error:
        reason = f"This is not JSON: {error.msg}."
        at = f"{place}, line {error.lineno}"
        raise RefusedError([Problem(at, None, reason, "Correct it.")]) from error
    except UnicodeEncodeError as error:
        reason = "It has half a character, an escape from \\ud800 to \\udfff alone."
        raise RefusedError([Problem(place, None, reason, "Correct it.")]) from error
    except ValueError as error:
        reason = "A number in it has too many digits."
        raise RefusedError([Problem(place, None, reason, "Correct it.")]) from error
    return data


def _carry_over(
    name: str, swan: _SwanBundle, place: str, notices: list[Problem]
) -> NamedBundle:
    where = f"{place}, {name}"
    options: dict[str, str] = {}
    joints: dict[str, str] = {}
    for option in swan.options:
        value = _value(option, where, notices)
        if value is None:
            continue
        if option.concatenate and separator_of(option.name) is None:
            joints[option.name] = option.concatenate
        joint = separator_of(option.name) or joints.get(option.name)
        before = options.get(option.name)
        if before is None:
            options[option.name] = value
        elif joint is not None:
            options[option.name] = join(joint, before, value)
        elif before != value:
            reason = "SWAN takes the first of several values of a key that do not join."
            notices.append(Problem(where, option.name, reason, "Keep one of them."))
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
    return NamedBundle(name, bundle, place, joints=tuple(joints.items()))


def _value(option: _SwanOption, where: str, notices: list[Problem]) -> str | None:
    def leave_out(reason: str, remedy: str) -> None:
        notices.append(Problem(where, option.name, reason, remedy))

    if option.name.startswith("spark.cern."):
        leave_out("Only SWAN knows this key; it is left out.", "Nothing needs doing.")
        return None
    value = option.value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    names = {match[1] for match in _PLACEHOLDER.finditer(text) if match[1]}
    unknown = sorted(names - _VARIABLES.keys())
    if unknown:
        leave_out(
            f"The value needs the variable {', '.join(unknown)}, which is not offered "
            "here; it is left out.",
            "Write the value out in a bundle of your own.",
        )
        return None
    filled = _PLACEHOLDER.sub(_translated, text)
    if "${{" in text:
        reason = "The value has '${…}', which would be a variable here; it is left out."
        leave_out(reason, "Set it as an option of connect().")
        return None
    ours = separator_of(option.name)
    if option.concatenate and ours not in {None, option.concatenate}:
        how = f"here '{ours}' joins them, as Spark has it"
        leave_out(f"SWAN joins with '{option.concatenate}'; {how}.", "Check it.")
    return filled


def _translated(match: re.Match[str]) -> str:
    return _VARIABLES[match[1]] if match[1] else match[0][0]


def _spark_range(versions: list[str], where: str, notices: list[Problem]) -> str | None:
    if not versions:
        return None
    unknown = [
        it for it in versions if not _is_version(it, is_alone=len(versions) == 1)
    ]
    if unknown:
        reason = (
            f"SWAN lists '{unknown[0]}', which is not a version of Spark; here it is "
            "offered for every Spark."
        )
        notices.append(
            Problem(where, "spark_version_filter", reason, "Check that it fits.")
        )
        return None
    if len(versions) == 1:
        return f"=={versions[0]}"
    reason = f"SWAN lists {', '.join(versions)}; here it becomes a range."
    notices.append(
        Problem(where, "spark_version_filter", reason, "Check that it fits.")
    )
    ordered = sorted(versions, key=_numbers)
    return f">={ordered[0]},<={ordered[-1]}"


def _is_version(text: str, *, is_alone: bool) -> bool:
    # Where a range is made of several, none may stand for many, as `3.5.*` does.
    try:
        SpecifierSet(f"=={text}" if is_alone else f"<={text}")
    except InvalidSpecifier:
        return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _problems(error: ValidationError, place: str) -> list[Problem]:
    remedy = "SWAN's format is described in docs/bundles/swan.md."
    found: dict[str, Problem] = {}
    for detail in error.errors():
        # A value that may be of several types has them at the end, and an error each.
        path = [str(part) for part in detail["loc"] if part not in _TYPES]
        key = ".".join(path)
        found[key] = Problem(place, key or None, reason_of(detail), remedy)
    return list(found.values())
