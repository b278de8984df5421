"""Hears of what the notebook server saves, renames, copies and deletes.

Its events need no configuration and displace no hook of the user's; they come also
from pages that are edited together.
"""

from collections.abc import Callable
from typing import Any

from jupyter_events import EventLogger

SCHEMA = "https://events.jupyter.org/jupyter_server/contents_service/v1"
"""The name of the events, as in Jupyter Server's documentation."""

_READING = "get"


def listen(events: EventLogger, notice: Callable[[str], None]) -> Callable[[], None]:
    """Listen until the returned function is called.

    Parameters
    ----------
    events
        The notebook server's.
    notice
        Called with each path that has changed, relative to the server's root.
    """

    async def heard(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        del logger, schema_id
        if data["action"] == _READING:
            return
        for path in (data["path"], data.get("source_path")):
            if path:
                notice(path)

    events.add_listener(schema_id=SCHEMA, listener=heard)
    return lambda: events.remove_listener(listener=heard)
