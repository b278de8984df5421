"""The call by which an open notebook is merged with what is on disk by now."""

import json
from http import HTTPStatus

from cygnet_share import notebook, notebook_merge
from cygnet_share.notebook import Json, Notebook
from jupyter_server.auth.decorator import authorized
from pydantic import JsonValue
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall
from cygnet_lab.share.errors import RefusedError
from cygnet_lab.share.mirror import MERGING
from cygnet_lab.share.waiting import in_thread


class MergeBody(CallBody):
    """`POST merge`: three notebooks of nbformat 4."""

    base: dict[str, JsonValue]
    """What the page has last read or written."""

    mine: dict[str, JsonValue]
    """What the page shows."""

    theirs: dict[str, JsonValue]
    """What is on disk."""


class MergeCall(PanelCall):
    """`merge`: two notebooks that were made of a third."""

    @override
    @authorized
    async def post(self) -> None:
        """Give the merged notebook, and the cells that both have changed."""
        self.answer(await in_thread(_in_turn, self.taken(MergeBody)))


def _in_turn(body: MergeBody) -> dict[str, object]:
    """Merge when no other notebooks are merged."""
    with MERGING:
        return merged(body)


def merged(body: MergeBody) -> dict[str, object]:
    """Merge the notebooks of a call.

    Raises
    ------
    RefusedError
        When one is no notebook that merges.
    """
    base, mine, theirs = _read(body.base), _read(body.mine), _read(body.theirs)
    found = notebook_merge.merge(base, mine, theirs)
    return {
        "notebook": _json(found.notebook),
        "conflicts": [
            {"id": it.id, "kind": it.kind, "mine": it.mine, "theirs": it.theirs}
            for it in found.conflicts
        ],
    }


def _read(found: dict[str, JsonValue]) -> Notebook:
    """Read a notebook."""
    text = json.dumps(found, ensure_ascii=False)
    read = notebook.parse(text.encode(errors="surrogatepass"))
    if read is None:
        message = (
            "This notebook is too large to merge, or of another format than 4. "
            "Save it under another name to keep yours."
        )
        raise RefusedError(HTTPStatus.BAD_REQUEST, message)
    return read


def _json(found: Notebook) -> dict[str, Json]:
    """Give a notebook as an open page has it: with the source of a cell as one text."""
    whole: dict[str, Json] = json.loads(notebook.serialise(found))
    sources = [it.source for it in found.cells]
    cells = whole["cells"]
    if isinstance(cells, list):
        for cell, source in zip(cells, sources, strict=True):
            if isinstance(cell, dict):
                cell["source"] = source
    return whole
