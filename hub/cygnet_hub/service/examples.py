"""The examples that a newcomer finds in the directory that JupyterLab shows.

What is there already is the user's: it is never overwritten, not even when a newer
version brings another text.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cygnet_hub import private_file

_SHIPPED = Path(__file__).parents[1] / "examples"
_CLONED = Path(__file__).parents[3] / "examples"


def shipped() -> Path:
    """Return the examples' folder: the installed package's, or an editable clone's."""
    return _SHIPPED if _SHIPPED.is_dir() else _CLONED


def copy_absent(source: Path, target: Path) -> Sequence[Path]:
    """Copy the files that the target lacks, and return their names, sorted.

    Hidden files and folders are left out. The target is made when there is something to
    copy; every file is whole or absent.
    """
    copied = []
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        if file.is_dir() or any(part.startswith((".", "__")) for part in name.parts):
            continue
        if _copy(file, target / name):
            copied.append(name)
    return copied


def _copy(file: Path, target: Path) -> bool:
    """Copy one file; False when there is one of that name already."""
    if os.path.lexists(target):
        return False
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{target.name}-"
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=prefix)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(file.read_bytes())
        temporary.chmod(0o644)
        # Linking refuses a name that exists, where renaming would replace it.
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError as error:
        raise private_file.explain(error, target) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return True
