"""What docs/administering has an administrator write for Kubernetes, in YAML."""

import re
from typing import Any

import yaml

from tests.support.source import ROOT
from tests.support.values import merged

# The first one has the values file that the others add to.
PAGES = ("install", "images", "network", "form", "login", "operate", "backup")
TEXT = "\n".join((ROOT / f"docs/administering/{it}.md").read_text() for it in PAGES)
_YAML = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
_PARTS: list[dict[str, Any]] = [yaml.safe_load(it) for it in _YAML]
OBJECTS = [it for it in _PARTS if "kind" in it]
"""Objects of Kubernetes that are applied beside the chart."""
SITE, *_MORE = (it for it in _PARTS if "kind" not in it)
"""The one values file."""
VALUES = [SITE, *(merged(SITE, it) for it in _MORE)]
"""That file, and again with each of the parts that a site may add to it."""
