"""Who has changed the files that a newer snapshot brings."""

from collections.abc import Sequence

from cygnet_share.tree import File, Tree, changes

from cygnet_lab.share.answer import Published
from cygnet_lab.share.client import Client
from cygnet_lab.share.marker import Base
from cygnet_lab.share.state import Changed

MOST = 20
"""The most files that a page shows."""

SEVERAL = "several people"
"""Who has changed a file where that is not looked up."""

# Of a copy that was asleep for long no more snapshots are read.
_MOST_STEPS = 5


async def authors(
    client: Client, share: int, before: Base, after: Base, newest: Published | None
) -> Sequence[Changed]:
    """Say who has changed which file.

    Parameters
    ----------
    client, share
        The service, and the share.
    before, after
        What the folder was made of, and what it holds now.
    newest
        Who has published the newest snapshot, where that is known.

    Returns
    -------
    sequence of Changed
        At most `MOST`, the newest first.
    """
    if newest is not None and newest.seq == after.seq == before.seq + 1:
        steps = [newest]
    else:
        listed = await client.snapshots(share)
        steps = [it for it in listed if before.seq < it.seq <= after.seq]
    if len(steps) > _MOST_STEPS:
        names = {it.published_by for it in steps}
        one = names.pop() if len(names) == 1 else SEVERAL
        steps = [steps[0].model_copy(update={"published_by": one})]
    found: dict[str, Changed] = {}
    tree = after.tree
    for step, older in zip(steps, [*steps[1:], None], strict=True):
        previous = (await client.tree(share, older.seq)) if older else before.tree
        for path in _changed(previous, tree, after.tree):
            by = Changed(path, step.published_by, step.published_at)
            found.setdefault(path, by)
        tree = previous
    return [*found.values()][:MOST]


def _changed(before: Tree, after: Tree, newest: Tree) -> Sequence[str]:
    """Give the files that a snapshot has changed and that are there now."""
    return [
        it.path
        for it in changes(before, after)
        if isinstance(it.after, File) and isinstance(newest.get(it.path), File)
    ]
