"""A user who shares a folder, in a process of its own: what following it costs.

Its arguments are the service's address, the user, the folder's root and place, and for
how many seconds it is looked at; it prints the seconds of a processor that they took.
"""

import asyncio
import sys
import time
from pathlib import Path

from cygnet_lab.share.client import Client
from cygnet_lab.share.sharing import Sharing

from tests.support.following import becomes


async def follow(url: str, name: str, root: Path, place: str, seconds: float) -> None:
    """Share a folder, wait until all of it is sent, and look at nothing happening."""
    folders = Sharing(Client(url, f"token-of-{name}"), root)
    folders.start()
    await folders.share(place, "Idle")
    await becomes(lambda: folders.states[0].seq > 0 and not folders.states[0].waiting)
    before = time.process_time()
    await asyncio.sleep(seconds)
    print(time.process_time() - before)
    await folders.stop()


if __name__ == "__main__":
    url, name, root, place, seconds = sys.argv[1:]
    asyncio.run(follow(url, name, Path(root), place, float(seconds)))
