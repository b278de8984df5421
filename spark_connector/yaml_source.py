"""YAML text as plain data that remembers its lines.

Decides what YAML a bundle may use: mappings and plain values, no aliases, no key twice.
A value keeps its spelling (`010` stays `010`), because Spark gets it as text.
"""

import re
from dataclasses import dataclass, field

import yaml

from spark_connector.problem import Problem

_TRUTH = "tag:yaml.org,2002:bool"
_NOTHING = "tag:yaml.org,2002:null"
_HALF = re.compile("[\ud800-\udfff]")
_TRUE = frozenset({"true", "yes", "on"})


@dataclass(slots=True)
class YamlSource:
    """The data of one YAML document."""

    place: str
    """The file's name."""

    data: object = None
    """Nested dicts, lists, texts and None."""

    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    """The line of each key, by the keys that lead to it; counted from 1."""

    problems: list[Problem] = field(default_factory=list)

    def at(self, *path: str) -> str:
        """Return the place of a key or the nearest above: e.g. `weak.yaml, line 4`."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"{self.place}, line {line}"
        return self.place


def read_yaml(text: str, place: str) -> YamlSource:
    """Read one YAML document: with problems instead of data where it is not usable."""
    source = YamlSource(place)
    try:
        source.problems += _unusable(text, place)
        if source.problems:
            return source
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        source.problems.append(_syntax_problem(error, place))
        return source
    if node is not None:
        source.data = _plain(node, (), source)
    return source


def _unusable(text: str, place: str) -> list[Problem]:
    """Return the first thing that YAML permits and a bundle does not."""
    for event in yaml.parse(text):
        if isinstance(event, yaml.AliasEvent):
            reason = "A bundle may not use YAML aliases."
            return [Problem(place, None, reason, "Write the value out.")]
        # Half a character, e.g. \ud800 alone, could be shown nowhere.
        if isinstance(event, yaml.ScalarEvent) and _HALF.search(event.value):
            if event.start_mark is not None:
                place = f"{place}, line {event.start_mark.line + 1}"
            reason = "It has half a character, an escape from \\ud800 to \\udfff."
            return [Problem(place, None, reason, "Write the character itself.")]
    return []


def _syntax_problem(error: yaml.YAMLError, place: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or "it cannot be read"
    if mark is not None:
        place = f"{place}, line {mark.line + 1}"
    reason = f"This is not YAML: {what}."
    return Problem(place, None, reason, "Correct the line, or the one before it.")


def _plain(node: yaml.Node, path: tuple[str, ...], source: YamlSource) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, path, source) for item in node.value]
    if node.tag == _NOTHING:
        return None
    text = str(node.value)
    if node.tag == _TRUTH:
        return "true" if text.lower() in _TRUE else "false"
    return text


def _mapping(
    node: yaml.MappingNode, path: tuple[str, ...], source: YamlSource
) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in data:
            first = source.lines[(*path, key)]
            reason = f"The key stands here and in line {first}."
            place = f"{source.place}, line {line}"
            source.problems.append(Problem(place, key, reason, "Keep one of them."))
            continue
        source.lines[(*path, key)] = line
        data[key] = _plain(value_node, (*path, key), source)
    return data
