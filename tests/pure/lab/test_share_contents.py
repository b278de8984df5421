import asyncio
from pathlib import Path

import jupyter_server
from cygnet_lab.share.contents import SCHEMA, listen
from jupyter_events import EventLogger

SCHEMAS = Path(jupyter_server.__file__).parent / "event_schemas"


async def test_changes_that_the_server_makes_are_heard() -> None:
    events = EventLogger()
    events.register_event_schema(SCHEMAS / "contents_service/v1.yaml")
    heard: list[str] = []
    stop = listen(events, heard.append)

    for data in (
        {"action": "get", "path": "read"},
        {"action": "save", "path": "a/n.ipynb"},
        {"action": "rename", "path": "new", "source_path": "old"},
        {"action": "delete", "path": "gone"},
    ):
        events.emit(schema_id=SCHEMA, data=data)
    await events.gather_listeners()
    stop()
    events.emit(schema_id=SCHEMA, data={"action": "save", "path": "late"})
    await asyncio.sleep(0)

    assert sorted(heard) == ["a/n.ipynb", "gone", "new", "old"]
