"""Writes checksums in the format of `sha256sum`."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def write(target: Path, files: Iterable[Path]) -> None:
    """Write the checksums of files that lie next to the target."""
    target.write_text("".join(f"{digest(it)}  {it.name}\n" for it in files))


def digest(file: Path) -> str:
    """Give a file's SHA-256; images do not fit into memory at once."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
