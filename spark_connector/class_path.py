"""What class and library paths of a session may name: places, not what is where.

Java would look up an empty or relative entry in the folder that the session starts in,
which another person may have filled. Pure.
"""

from collections.abc import Mapping
from dataclasses import replace

from spark_connector.rules import separator_of
from spark_connector.search_path import absolute_entries, sentence
from spark_connector.setting import Setting


def absolute_settings(
    settings: Mapping[str, Setting],
) -> tuple[dict[str, Setting], list[str]]:
    """Take the entries out of class and library paths that are empty or relative.

    Parameters
    ----------
    settings
        Key to setting, merged.

    Returns
    -------
    tuple
        All settings, and a sentence for each that was changed.
    """
    kept, sentences = dict(settings), []
    for key, setting in settings.items():
        separator = separator_of(key)
        if separator == ":":
            entries = absolute_entries(setting.value, separator)
            if entries.left_out:
                sentences.append(sentence(key, entries.left_out))
                kept[key] = replace(setting, value=entries.kept)
    return kept, sentences
