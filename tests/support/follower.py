"""Follows shares until it is killed: a notebook server's part in a test.

Its arguments are the service's address, the user's token, the root, and what to begin
with: `share PLACE TITLE` or `open ID`.
"""

import asyncio
import sys
from pathlib import Path

from cygnet_lab.share.client import Client
from cygnet_lab.share.sharing import Sharing


async def follow(url: str, token: str, root: str, act: str, *details: str) -> None:
    """Follow for ever."""
    folders = Sharing(Client(url, token), Path(root))
    if act == "share":
        await folders.share(*details)
    else:
        await folders.open_here(int(details[0]))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(follow(*sys.argv[1:]))
