"""What the panel in JupyterLab shows of sharing, as JSON: values, and no decisions."""

from collections.abc import Iterable

from cygnet_lab.share.answer import Share
from cygnet_lab.share.conflict import name_of, name_of_cell
from cygnet_lab.share.sharing import Sharing
from cygnet_lab.share.state import Conflict, State

MOST_PATHS = 1_000
"""The most paths of a list that is shown."""


def panel(sharing: Sharing) -> dict[str, object]:
    """Give the state of all that is shared.

    Parameters
    ----------
    sharing
        The folders of the user.
    """
    shares = [it.model_dump(mode="json") for it in sharing.shares.values()]
    folders = [_folder(sharing, it) for it in sharing.states]
    copies = [_folder(sharing, it, is_copy=True) for it in sharing.copying.states]
    return {
        "version": sharing.board.version,
        "me": sharing.me.model_dump(mode="json") if sharing.me else None,
        "sentence": sharing.sentence,
        "is_listed": sharing.is_listed,
        "mine": [it for it in shares if it["is_mine"]],
        "others": [it for it in shares if not it["is_mine"]],
        "folders": [*folders, *copies],
    }


def _folder(
    sharing: Sharing, state: State, *, is_copy: bool = False
) -> dict[str, object]:
    """Give how a folder stands."""
    listed = sharing.shares.get(state.share)
    me = sharing.me.name if sharing.me else ""
    progress = state.progress
    others = [] if is_copy else sharing.presence.of(state.share)
    return {
        **_of_share(listed),
        "share": state.share,
        "place": state.place,
        "is_copy": is_copy,
        "phase": state.phase,
        "message": state.message,
        "is_missing": state.is_missing,
        "seq": state.seq,
        "head": max(state.seq, listed.head if listed else 0),
        "waiting": state.waiting,
        "progress": progress
        and {"done_bytes": progress.done_bytes, "all_bytes": progress.all_bytes},
        "gone": state.gone[:MOST_PATHS],
        "left_out": dict([*state.left_out.items()][:MOST_PATHS]),
        "conflicts": _conflicts(state.conflicts),
        "present": [
            {"name": it.name, "paths": it.paths} for it in others if it.name != me
        ],
        "changed": [
            {"path": it.path, "by": it.by, "at": it.at.isoformat()}
            for it in state.changed
            if it.by != me
        ],
    }


def _of_share(listed: Share | None) -> dict[str, object]:
    """Give what is known of a folder's share; nothing of one that is over."""
    return {
        "title": listed.title if listed else "",
        "owner": listed.owner if listed else "",
        "right": listed.right if listed else "view",
        "is_mine": listed.is_mine if listed else False,
    }


def _conflicts(found: Iterable[Conflict]) -> list[dict[str, object]]:
    """Give conflicts with the ids by which they are settled."""
    return [
        {
            "id": name_of(it),
            "path": it.path,
            "kind": it.kind,
            "other": it.other,
            "cells": [
                {
                    "id": name_of_cell(cell),
                    "cell": cell.id,
                    "kind": cell.kind,
                    "mine": cell.mine,
                    "theirs": cell.theirs,
                }
                for cell in it.cells
            ],
        }
        for it in found
    ]
