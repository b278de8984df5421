"""How settings of several origins become one for each key.

Pure. Values that are collections join; of the rest those of equal rank must agree, and
those of a higher rank win.
"""

from collections.abc import Iterable, Mapping

from spark_connector.problem import Problem
from spark_connector.rules import join, separator_of
from spark_connector.setting import Setting


def merge_bundles(
    settings: Iterable[Setting],
) -> tuple[dict[str, Setting], list[Problem]]:
    """Combine settings of equal rank: collections join, anything else must agree.

    There is one problem for each key about which two of them disagree.
    """
    merged: dict[str, Setting] = {}
    problems: list[Problem] = []
    for setting in settings:
        before = merged.get(setting.key)
        if before is None:
            merged[setting.key] = setting
        elif _joint(before, setting) is not None:
            merged[setting.key] = _joined(before, setting)
        elif not _agree(before.value, setting.value):
            problems.append(_disagreement(before, setting))
    return merged, problems


def merge_layers(layers: Iterable[Mapping[str, Setting]]) -> dict[str, Setting]:
    """Combine layers, weakest first: collections join, else the later one wins."""
    merged: dict[str, Setting] = {}
    for layer in layers:
        for key, setting in layer.items():
            before = merged.get(key)
            joins = before is not None and _joint(before, setting) is not None
            merged[key] = _joined(before, setting) if before and joins else setting
    return merged


def _agree(one: str, other: str) -> bool:
    one, other = one.strip(), other.strip()
    is_truth = one.lower() in {"true", "false"}
    return one == other or (is_truth and one.lower() == other.lower())


def _joint(before: Setting, after: Setting) -> str | None:
    return separator_of(before.key) or before.joint or after.joint


def _joined(before: Setting, after: Setting) -> Setting:
    joint = _joint(before, after)
    value = join(joint or "", before.value, after.value)
    origins = dict.fromkeys([*before.origin.split("; "), *after.origin.split("; ")])
    return Setting(before.key, value, "; ".join(origins), joint)


def _disagreement(one: Setting, other: Setting) -> Problem:
    reason = f"Two bundles disagree: '{one.shown}' and '{other.shown}'."
    remedy = f"Leave one bundle out, or decide: connect(…, **{{'{one.key}': …}})."
    place = f"{one.origin} and {other.origin}"
    return Problem(place, one.key, reason, remedy)
