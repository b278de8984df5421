"""Reads what the checks of a release look at.

It needs nothing that is installed: the checks come first.
"""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = "pyproject.toml"
"""Whose version the others must have."""
CHANGELOG = "CHANGELOG.md"
FRAGMENTS = "changelog.d"
_YAML = {
    "helm/cygnet/Chart.yaml": ("version", "appVersion"),
    "CITATION.cff": ("version",),
}
_WHEEL = r"/cygnet-([^-\s]+)-\*\.whl"
_LABEL = r'org\.opencontainers\.image\.version="([^"]*)"'


@dataclass(frozen=True, slots=True)
class Tree:
    """The state of a clone."""

    versions: dict[str, str]
    """By place, e.g. `CITATION.cff: version`; empty where there is none."""
    changes: tuple[str, ...]
    """Files that differ from the commit, those that are new included."""
    changelog: str
    """The text of the changelog."""
    fragments: tuple[str, ...]
    """Files with changes that are not in the changelog."""
    epoch: int
    """When the commit was made, in seconds since 1970."""

    @property
    def version(self) -> str:
        """The project's version."""
        return self.versions[PROJECT]


def read(root: Path = ROOT) -> Tree:
    """Read a clone; nothing is changed."""
    return Tree(
        versions=_versions(root),
        changes=tuple(_git(root, "status", "--porcelain").splitlines()),
        changelog=(root / CHANGELOG).read_text(),
        fragments=tuple(
            sorted(it.relative_to(root).as_posix() for it in _fragments(root))
        ),
        epoch=int(_git(root, "log", "-1", "--format=%ct")),
    )


def _versions(root: Path) -> dict[str, str]:
    project = tomllib.loads((root / PROJECT).read_text())["project"]
    page = json.loads((root / "extensions/package.json").read_text())
    found = {PROJECT: project["version"], "extensions/package.json": page["version"]}
    for file, keys in _YAML.items():
        text = (root / file).read_text()
        for key in keys:
            found[f"{file}: {key}"] = _first(rf'^{key}: *"?([^"\s]+)', text)
    proxy = json.loads((root / "images/proxy/package.json").read_text())
    found["images/proxy/package.json"] = proxy["version"]
    for path in sorted(root.glob("images/*/Dockerfile")):
        place, text = path.relative_to(root).as_posix(), path.read_text()
        found[f"{place}: image.version"] = _first(_LABEL, text)
        for number, version in enumerate(re.findall(_WHEEL, text), 1):
            found[f"{place}: wheel {number}"] = version
    return found


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


def _fragments(root: Path) -> list[Path]:
    return [*(root / FRAGMENTS).glob("*_*.md")]


def _git(root: Path, *arguments: str) -> str:
    command = ("git", *arguments)
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=True
    ).stdout
