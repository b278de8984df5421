"""Removes empty and relative entries from class and library paths of a session.

Java would look such an entry up in the folder that the session starts in, which another
user may have filled. Pure: it looks at no file.
"""

from collections.abc import Mapping
from dataclasses import replace

from spark_connector.rules import separator_of
from spark_connector.search_path import absolute_entries, sentence
from spark_connector.setting import Setting


def absolute_settings(
    settings: Mapping[str, Setting],
) -> tuple[dict[str, Setting], list[str]]:
    """Remove empty and relative entries; return settings, and a sentence a change."""
    kept, sentences = dict(settings), []
    for key, setting in settings.items():
        separator = separator_of(key)
        if separator == ":":
            entries = absolute_entries(setting.value, separator)
            if entries.left_out:
                sentences.append(sentence(key, entries.left_out))
                kept[key] = replace(setting, value=entries.kept)
    return kept, sentences
