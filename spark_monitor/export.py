"""What exports of a notebook show of its Spark panels.

A table of HTML is right for a page. In Markdown it would be kilobytes of tags in one
line, so the sentence of the panel stands there alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_monitor.saved_output import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping


def in_plain_text(
    notebook: Mapping[str, Any], resources: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Keep the plain text alone of each saved panel.

    Parameters
    ----------
    notebook
        The notebook that is exported, which is changed.
    resources
        What nbconvert keeps beside it.

    Returns
    -------
    tuple
        Both.

    Notes
    -----
    nbconvert calls this for Markdown, as `jupyter_nbconvert_config.json` and the server
    extension tell it to.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME_TYPE in data:
                data.pop("text/html", None)
    return notebook, resources
