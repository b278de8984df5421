"""Reads values files as Helm does, and knows the line of each value.

A key that stands twice, which YAML accepts silently, is a problem.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cygnet_hub.errors import Problem

Place = tuple[str | int, ...]
"""A value's keys and indices, from the outermost in."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a value, or may be."""

    place: Place
    """The value, which may be missing."""
    reason: str
    """What is wrong with it."""
    remedy: str
    """What to do about it, as an imperative."""
    is_warning: bool = False
    """Whether it is only worth knowing."""


class _Loader(yaml.SafeLoader):
    """Leaves dates as text, as Helm does."""


_Loader.yaml_implicit_resolvers = {
    first: [it for it in found if it[0] != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Written:
    """What one or several values files say together."""

    name: str
    """The files' names, for what stands in none of them."""
    values: Mapping[str, Any]
    """The merged values."""
    lines: Mapping[Place, str] = field(default_factory=dict)
    """File and line of each value."""
    problems: tuple[Problem, ...] = ()
    """What of the files cannot be read."""

    def problem(self, flaw: Flaw) -> Problem:
        """Say where the value stands of which something is wrong.

        Parameters
        ----------
        flaw
            Of a value that may be missing: then the line is that of what it
            belongs to.

        Returns
        -------
        Problem
            With file, line and the value's name in the chart's documentation.
        """
        near = (flaw.place[:end] for end in range(len(flaw.place), 0, -1))
        where = next((self.lines[it] for it in near if it in self.lines), self.name)
        return Problem(where, key(flaw.place), flaw.reason, flaw.remedy)


def key(place: Place) -> str:
    """Name a value as the documentation does.

    Returns
    -------
    str
        E.g. `config.sizes[0].cpu`.
    """
    parts = (f"[{it}]" if isinstance(it, int) else f".{it}" for it in place)
    return "".join(parts).lstrip(".")


def read(files: Sequence[Path]) -> Written:
    """Read values files, of which a later one wins.

    Parameters
    ----------
    files
        In the order in which Helm is given them; YAML or JSON.

    Returns
    -------
    Written
        Maps merged, lists replaced, and what is `null` left out, as Helm does.
    """
    values: dict[str, Any] = {}
    lines: dict[Place, str] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            found, marks, twice = _parse(file)
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or str(error)
            reason = f"cannot be read ({said.lower()})"
            problems.append(Problem(str(file), None, reason, "name another file"))
        except (yaml.YAMLError, RecursionError) as error:
            problems.append(_no_yaml(file, error))
        else:
            values = _merged(values, found)
            lines |= marks
            problems += twice
    return Written(", ".join(map(str, files)), values, lines, tuple(problems))


def _parse(file: Path) -> tuple[dict[str, Any], dict[Place, str], list[Problem]]:
    """Read one file: its values, their lines, and keys that stand twice."""
    loader = _Loader(file.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        if node is None:
            return {}, {}, []
        marks = {
            place: f"{file}, line {it.start_mark.line + 1}"
            for place, it in _nodes(node, ())
        }
        problems = [
            Problem(f"{file}, line {line + 1}", key(place), reason, "keep one of them")
            for place, line, reason in _twice(node)
        ]
        values = loader.construct_document(node)
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        problem = Problem(
            str(file), None, "is not a mapping", "write `key: value` lines"
        )
        return {}, {}, [problem]
    return values, marks, problems


def _no_yaml(file: Path, error: Exception) -> Problem:
    """Say what of a file is not YAML, and in which line."""
    mark = getattr(error, "problem_mark", None)
    where = str(file) if mark is None else f"{file}, line {mark.line + 1}"
    said = getattr(error, "problem", None) or str(error) or "too deep"
    return Problem(where, None, f"is not YAML ({said})", "correct it there")


def _nodes(node: yaml.Node, place: Place) -> Iterator[tuple[Place, yaml.Node]]:
    """Give every value of a document; its key's line is the one in reports."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = (*place, str(name.value))
            yield inner, name
            yield from _nodes(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*place, index), value
            yield from _nodes(value, (*place, index))


def _twice(node: yaml.Node) -> Iterator[tuple[Place, int, str]]:
    """Give the keys that stand twice in a mapping: Helm would take the last one."""
    first: dict[Place, int] = {}
    for place, found in _nodes(node, ()):
        if isinstance(place[-1], int) or found.value == "<<":
            continue
        line = found.start_mark.line
        if first.setdefault(place, line) != line:
            yield place, line, f"stands in line {first[place] + 1} too"


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Put one file's values over those of another."""
    merged = dict(first)
    for name, value in second.items():
        old = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merged(old if isinstance(old, dict) else {}, value)
        else:
            merged[name] = value
    return merged
