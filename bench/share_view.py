"""How long the viewer takes for a notebook that was not shown before."""

import asyncio
import base64
import hashlib
import json
import os
import time
from collections.abc import Iterator

from cygnet_share.viewer.viewer import Content, Job, Viewer

PICTURE_BYTES = 40_000
PNG = b"\x89PNG\r\n\x1a\n"
TABLE = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"


async def measure(cells: int, pictures: int) -> list[float]:
    """Show three notebooks one after the other, and give the seconds of each."""
    viewer = Viewer()
    found = []
    try:
        for number in range(3):
            job = Job(1, "a.ipynb", _content(_notebook(number, cells, pictures)))
            start = time.monotonic()
            rendered = await viewer.render(job)
            found.append(time.monotonic() - start)
            if rendered.problem is not None:
                raise RuntimeError(rendered.problem.words)
            # The process for the next one starts meanwhile, as it does for people.
            await asyncio.sleep(2)
    finally:
        await viewer.close()
    return found


def _content(data: bytes) -> Content:
    """Give bytes as the content of a file."""

    async def read() -> bytes:
        return data

    return Content(len(data), (hashlib.sha256(data).hexdigest(),), read)


def _notebook(number: int, cells: int, pictures: int) -> bytes:
    """Give a notebook with text, code, tables and some pictures."""
    made = list(_cells(number, cells, pictures))
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}
    return json.dumps(whole).encode()


def _cells(number: int, cells: int, pictures: int) -> Iterator[dict[str, object]]:
    """Give the cells of a notebook: each third is text, the rest is code."""
    for it in range(cells):
        if it % 3 == 0:
            text = f"## Part {number}.{it}\n\nHow late, in $d_{{{it}}}$? **Very.**"
            yield {"cell_type": "markdown", "metadata": {}, "source": text}
            continue
        code = f"for i in range({it}):\n    print(f'{{i}} of {number}')\n" * 5
        data: dict[str, object] = {"text/plain": "a", "text/html": TABLE}
        if pictures > 0:
            pictures -= 1
            picture = PNG + os.urandom(PICTURE_BYTES)
            data = {"image/png": base64.b64encode(picture).decode()}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        yield {
            "cell_type": "code",
            "metadata": {},
            "source": code,
            "execution_count": it,
            "outputs": [output],
        }
