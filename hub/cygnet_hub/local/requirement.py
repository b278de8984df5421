"""The requirement that installs the distribution that runs here into another place.

pip records in ``direct_url.json`` (PEP 610) when a distribution came from a
directory, a file or a repository and not from an index.
"""

import json
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Source:
    """Where a distribution came from."""

    arguments: tuple[str, ...]
    """The arguments of `uv pip install`."""
    fingerprint: str
    """Changes when the distribution or its dependencies do."""


def source(distribution: Distribution, extra: str) -> Source:
    """Return how the distribution is installed into another environment.

    An editable install stays editable, a file or a repository is named by its URL,
    anything else by its version.
    """
    name = distribution.name
    recorded = distribution.read_text("direct_url.json")
    needs = sorted(distribution.requires or ())
    fingerprint = json.dumps([distribution.version, recorded, needs])
    if recorded is None:
        pin = f"{name}[{extra}]=={distribution.version}"
        return Source((pin,), fingerprint)
    direct = json.loads(recorded)
    if direct.get("dir_info", {}).get("editable"):
        folder = Path(unquote(urlsplit(direct["url"]).path))
        return Source(("--editable", f"{folder}[{extra}]"), fingerprint)
    return Source((f"{name}[{extra}] @ {_pip_url(direct)}",), fingerprint)


def _pip_url(direct: dict[str, object]) -> str:
    """Return the URL as pip writes it, with the commit of a repository."""
    match direct:
        case {"url": str(url), "vcs_info": {"vcs": str(vcs), "commit_id": str(commit)}}:
            return f"{vcs}+{url}@{commit}"
        case {"url": str(url)}:
            return url
        case _:
            message = "direct_url.json has no URL, which PEP 610 requires"
            raise ValueError(message)
