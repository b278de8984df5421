"""The sharing service in a process of its own, until its input ends.

Its arguments are a directory and the number of people, named 0, 1, …; it prints its
address. A stand-in for the hub says who a token is.
"""

import asyncio
import sys
from pathlib import Path

from tests.support.sharing import sharing


async def serve(place: Path, people: int) -> None:
    """Serve until the input ends."""
    async with sharing(place) as running:
        running.people.groups.update({str(it): [] for it in range(people)})
        print(running.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
