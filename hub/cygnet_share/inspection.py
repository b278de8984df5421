"""Whether all that the shares hold is there and whole."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from cygnet_share import schema
from cygnet_share.chunk_store import Chunks
from cygnet_share.database import Database
from cygnet_share.errors import TreeError
from cygnet_share.snapshot import lose, read_tree
from cygnet_share.tree import File


def problems(database: Database, chunks: Chunks) -> Iterator[str]:
    """Read everything, and find what is missing or damaged.

    Parameters
    ----------
    database, chunks
        What the service has. A chunk that is missing is asked for again when its folder
        is next published.

    Returns
    -------
    iterator of str
        A sentence for each file of a share, the newest shares first.
    """
    share, snapshot = schema.share, schema.snapshot
    whole: dict[str, bool] = {}
    with database.reading.connect() as connection:
        rows = connection.execute(
            select(share.c.id, share.c.title, snapshot.c.seq, snapshot.c.root)
            .join(snapshot, snapshot.c.share == share.c.id)
            .where(share.c.ended_at.is_(None))
            .order_by(share.c.id.desc(), snapshot.c.seq)
        ).all()
    found: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for row in rows:
        for path in _damaged(database, chunks, row.root, whole):
            found[row.id, row.title, path].append(row.seq)
    for name in (it for it, is_whole in whole.items() if not is_whole):
        lose(database, name)
    for (number, title, path), versions in found.items():
        listed = f"version{'s' * (len(versions) > 1)} {', '.join(map(str, versions))}"
        what = f"“{path}”" if path else "the list of files"
        yield (f"Share {number} (“{title}”): {what} is missing or damaged in {listed}.")


def _damaged(
    database: Database, chunks: Chunks, root: str, whole: dict[str, bool]
) -> Iterator[str]:
    """Find the files of a folder that cannot be read; empty for the folder itself."""
    try:
        with database.reading.connect() as connection:
            tree = read_tree(connection, root)
    except TreeError:
        yield ""
        return
    for path, entry in sorted(tree.items()):
        for name in entry.chunks if isinstance(entry, File) else ():
            if name not in whole:
                whole[name] = chunks.get(name) is not None
        if isinstance(entry, File) and not all(whole[it] for it in entry.chunks):
            yield path
